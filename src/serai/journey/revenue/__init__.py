"""Amounts payable, payments and guarantees, and what quotes promised."""
