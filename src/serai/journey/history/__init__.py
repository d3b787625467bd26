"""Closed hours as columns: append-only files of what was decided, and statistics over them; no people."""
