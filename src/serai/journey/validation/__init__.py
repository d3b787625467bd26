"""Everything that is wrong with each document, all at once and each at its place."""
