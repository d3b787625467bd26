"""Permits that are named after a declaration was lodged."""
