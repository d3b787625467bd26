"""The whole calculation of one consignment as a tree, read out of the run that decided it."""
