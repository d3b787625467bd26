"""Risk: officers' rules, the budget, what selection brought, and the public fairness meter."""
