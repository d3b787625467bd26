"""Check what parties send; report every fault at once."""
