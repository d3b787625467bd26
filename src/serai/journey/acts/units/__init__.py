"""What an officer orders of a transport unit, and so of all that lies in it or comes into it."""
