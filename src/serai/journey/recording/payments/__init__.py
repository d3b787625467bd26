"""What cases owe and what payments come to: of many cases at once."""
