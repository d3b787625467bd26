"""Erasure: a person is erased everywhere in a case, or restricted until the law lets it happen."""
