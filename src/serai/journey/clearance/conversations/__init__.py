"""Standards as they are spoken: a message in, the standard's own answer out, later answers in order."""
