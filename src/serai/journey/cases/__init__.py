"""What each party may read of a case."""
