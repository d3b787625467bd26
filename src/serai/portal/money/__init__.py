"""The officer's pages of money: debts, guarantees, what waits for a person, revenue."""
