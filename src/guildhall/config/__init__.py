"""Puts the whole together: addresses, servers' entry points, background jobs. Imported by nothing."""
