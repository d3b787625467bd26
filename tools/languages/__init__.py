"""Texts in eight languages: words of the pages taken from the code, catalogues checked and counted."""
