"""Standard messages to and from the model."""
