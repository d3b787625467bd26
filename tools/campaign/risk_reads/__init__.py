"""Reads by everybody of cases that were selected, listed, recalled or need a permit: what is told to whom."""
