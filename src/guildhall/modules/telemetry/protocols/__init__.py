"""Addresses that other programs' protocols prescribe, so that their clients need no change."""
