"""What is learned of groups of goods, and the features of rows out of it."""
