"""Bank messages of ISO 20022: statements, notifications, credit transfers and their status."""
