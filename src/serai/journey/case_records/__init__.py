"""What is stored of a case, as a party reads it."""
