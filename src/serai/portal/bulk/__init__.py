"""Pages of one measure on many cases of the queue."""
