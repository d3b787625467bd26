"""The law of each place for everybody: by day, along time, and in what it differs."""
