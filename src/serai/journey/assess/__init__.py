"""Customs value, duty, tax, relief and fees under the law in force."""
