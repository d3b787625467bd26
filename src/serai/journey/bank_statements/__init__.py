"""Statements of the administration's bank accounts: which payment is for which case."""
