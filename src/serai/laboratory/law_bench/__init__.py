"""The bench for laws: what a pack's worked examples reach, and what they would notice."""
