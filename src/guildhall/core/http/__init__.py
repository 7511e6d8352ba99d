"""Manners that are the same everywhere: errors, paging and request ids, with one thin adapter a framework."""
