"""Campaigns: many spoilt inputs against every reader and every endpoint, and what came of them, in figures."""
