"""The routers of the compute API."""
