"""Mandates: what one party lets another do in its name before customs (UCC, article 18)."""
