"""How well all of that works."""
