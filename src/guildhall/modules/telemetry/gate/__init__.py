"""The process `mqtt-auth`: lets datasources in with their rights, cuts them off when rights change, notes refusals."""
