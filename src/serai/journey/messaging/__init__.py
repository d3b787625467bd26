"""Message exchanges: documents in the words of a standard, answered and notified in the same."""
