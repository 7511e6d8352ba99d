"""Django apps, one per capability. None imports another; they talk through events."""
