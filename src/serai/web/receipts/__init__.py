"""The public page on which a receipt is checked."""
