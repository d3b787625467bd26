"""What the risk model is made of: its features, and the rows that it learns from."""
