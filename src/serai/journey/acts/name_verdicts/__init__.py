"""Officers' verdicts on names that resemble listed ones."""
