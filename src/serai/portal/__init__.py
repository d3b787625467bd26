"""Pages for people, by what they came for, and the parts they share."""
