"""Serai: an open single window for cross-border e-commerce."""
