"""Visibility events of GS1 EPCIS 2.0: stored, joined to cases, shown as a status."""
