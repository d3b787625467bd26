"""Which goods recalls mean, what each rests on, and what suspends those that a recall certainly means."""
