"""Securities: what may be owed at most while something is open, and what becomes of what was secured."""
