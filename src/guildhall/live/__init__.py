"""Streams that stay open: server-sent events under `/live/`, and nothing else."""
