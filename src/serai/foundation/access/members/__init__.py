"""Persons of parties: links by e-mail through which they come, what they may, how they leave."""
