"""Names that resemble entries of lists of denied parties: what was found, and what officers said of it."""
