"""Proofs that this administration gives out, and the status lists of them."""
