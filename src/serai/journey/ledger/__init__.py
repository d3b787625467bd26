"""The ledger: who owes, who paid, who bore it; what each event enters, and what stands on each account."""
