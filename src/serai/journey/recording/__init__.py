"""Rows of a batch decided by the pipeline and made durable: what they rest on, owe and answer."""
