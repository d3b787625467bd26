"""Retention: what is kept no longer goes, whole partitions at a time."""
