"""Tokens taken as proof, each once, and what came of every citation of a registered scheme number."""
