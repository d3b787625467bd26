"""Who sees what of a shared case: one table, for the API and the pages alike."""
