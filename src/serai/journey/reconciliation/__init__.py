"""Sums of a sale and of a case, and what makes up the gap between two of them."""
