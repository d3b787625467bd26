"""The case file and the event feed each party sees."""
