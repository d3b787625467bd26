"""Customs value, duty, tax and fees of goods items under the law of their day."""
