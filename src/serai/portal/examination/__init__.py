"""Pages of examinations: what was found, photos, a second one on request."""
