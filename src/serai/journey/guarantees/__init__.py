"""Guarantees: what amounts payable are secured with, and what of each is in use (UCC, articles 89 to 98)."""
