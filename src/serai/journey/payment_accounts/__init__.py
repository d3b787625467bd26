"""Accounts over which parties pay what cases owe: whose each is, and what stands open on it."""
