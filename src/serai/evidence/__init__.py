"""The append-only log, receipts and proofs."""
