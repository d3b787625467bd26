"""Goods that are asked for: found, suspended, told of, and freed again where it was wrong."""
