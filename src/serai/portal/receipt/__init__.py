"""A receipt checked step by step, for people."""
