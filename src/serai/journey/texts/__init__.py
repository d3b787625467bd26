"""What Serai says: one catalogue of texts by code, audience, language and version, and what was served."""
