"""Goods that come back: no more of each than was declared."""
