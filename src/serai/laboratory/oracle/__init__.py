"""Our tax lines beside those that a customs service published for its own scenarios."""
