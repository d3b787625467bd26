"""What a description of goods says: whether it names goods, which code is meant, which words would do."""
