"""Deciding again on what was found of names."""
