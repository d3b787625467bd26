"""Visibility events (GS1 EPCIS): taken in, joined with cases, asked for by query."""
