"""Compute: clusters, deployments and the scheduler that explains itself; a FastAPI application."""
