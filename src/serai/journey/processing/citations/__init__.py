"""Scheme numbers that declarations cite, and the tokens that prove them: looked at in batches."""
