"""What a goods description says: whether it names goods, which heading it speaks of, which words would say more."""
