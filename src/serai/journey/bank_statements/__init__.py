"""Statements of the administration's bank accounts: which payment is for which case, and what is for a person
to look at."""
