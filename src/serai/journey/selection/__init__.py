"""What is looked at: officers' risk rules, the learned model and a random share, within a budget."""
