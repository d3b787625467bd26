"""Arrivals, statistics and the list of parcels for those who work with many."""
