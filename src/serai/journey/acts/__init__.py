"""Acts on what was lodged: invalidation, presentation, arrival, payment, pre-loading answers."""
