"""Release times and measures, published: a page, and the same as open data."""
