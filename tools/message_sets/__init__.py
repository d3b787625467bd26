"""Message sets of our own: what a careful reader must find in messages that are changed at one place."""
