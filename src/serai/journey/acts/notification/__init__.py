"""Whom an act is told to in its own transaction, by which ways, and what proves that they know."""
