"""Tax-paid proof: one-use signed tokens that say tax and duty were paid, and the lists of their status."""
