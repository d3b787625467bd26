"""Visibility events of GS1 EPCIS 2.0: captured, joined to cases, queried."""
