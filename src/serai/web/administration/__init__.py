"""Administering on pages, and customs offices over HTTP."""
