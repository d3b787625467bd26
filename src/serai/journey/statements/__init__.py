"""Statements of a payer's accounts and notifications of debt: what the ledger says, charge by charge."""
