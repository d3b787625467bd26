"""Scans of what is in flight: a list that is new is held against everybody on what was decided before it."""
