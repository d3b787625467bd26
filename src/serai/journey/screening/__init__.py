"""Look-ups in lists of denied parties and the like."""
