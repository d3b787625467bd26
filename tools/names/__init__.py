"""Names that were given up for the field's own, and the check that none of them comes back."""
