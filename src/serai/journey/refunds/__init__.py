"""Refund orders: what is due back to whoever paid becomes an order to the bank, and what came of it."""
