"""The tables of telemetry in plain SQL, for the processes that do without Django: the only place with column names."""
