"""Campaigns: many spoilt inputs against every reader and endpoint, and what came of them, in figures."""
