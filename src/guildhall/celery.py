"""So that `celery -A guildhall` finds the application, as Django people expect."""

from guildhall.config.celery import app

__all__ = ["app"]
