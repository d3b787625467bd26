"""One measure on many cases that have the same open reason: a drawn sample is opened first."""
