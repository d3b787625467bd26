"""Applications for repayment and remission, and what officers decide on them."""
