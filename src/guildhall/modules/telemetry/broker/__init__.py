"""The message broker as telemetry sees it: connections, the stream of what devices published. The gate has more."""
