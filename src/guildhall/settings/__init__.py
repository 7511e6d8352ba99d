"""The lowest layer: one typed settings object from the environment, and Django's settings made from it."""

from guildhall.settings.environment import Settings, settings

__all__ = ["Settings", "settings"]
