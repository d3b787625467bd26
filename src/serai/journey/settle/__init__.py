"""Who owes what, and whether it is paid or secured."""
