"""What went before a row: features of sellers and declarants made of earlier weeks alone."""
