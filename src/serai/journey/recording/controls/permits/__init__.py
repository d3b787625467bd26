"""Permits that goods name: held against the register, written off, given back."""
