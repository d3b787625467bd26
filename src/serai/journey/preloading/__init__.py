"""Pre-loading risk assessment on PLACI data: what must be known, what is answered."""
