"""Scorecards of declarants: over time, against peers, what is worth correcting first."""
