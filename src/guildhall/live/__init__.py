"""Answers that stay open under `/live/`: server-sent events, and exports of any length. Nothing else."""
