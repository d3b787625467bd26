"""What each rule of law that keeps goods brought."""
