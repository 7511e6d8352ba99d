"""The process `telemetry-consumer`: carries what devices published from the broker's stream into the tables, once."""
