"""In whose hands cases are: taken, given to another officer, given back."""
