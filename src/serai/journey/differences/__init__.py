"""What the documents of a case say against each other, by name, and what is still awaited."""
