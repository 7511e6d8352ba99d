"""Alarms: rules on datapoints, and the episodes in which a rule's condition held, right with late data."""
