"""Measurements: who publishes them, which series there are, their samples, and what could not be stored."""
