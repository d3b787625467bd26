"""What a goods description says: does it name goods, of which heading, and which words would say more."""
