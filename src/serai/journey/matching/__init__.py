"""How surely documents belong together, and what they say against each other."""
