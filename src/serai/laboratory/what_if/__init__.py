"""What if another law were in force: the same parcels under two laws, and what becomes of them."""
