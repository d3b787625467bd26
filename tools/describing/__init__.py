"""Train and measure what says whether a goods description is vague and which heading it speaks of."""
