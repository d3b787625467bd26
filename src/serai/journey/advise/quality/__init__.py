"""Data quality: the score of each message by field, and the scorecard of each filer."""
