"""Guildhall runs a shared place: its people, doors, sensors, work, computers and shop."""
