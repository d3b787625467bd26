"""Write the look-up pages of docs/ from the code, so that they cannot differ from it."""
