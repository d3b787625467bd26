"""Risk models out of files: benchmark declarations, labelled declarations, training and its figures."""
