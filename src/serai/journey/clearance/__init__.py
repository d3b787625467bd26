"""The corridor with its doors to the store: read, decide, record, answer; one transaction a batch."""
