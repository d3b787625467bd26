"""The fairness meter, for everybody."""
