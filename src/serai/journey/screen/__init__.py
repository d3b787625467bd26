"""Prohibitions, listed parties, vague words, plausibility."""
