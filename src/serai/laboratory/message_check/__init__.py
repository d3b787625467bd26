"""Everything wrong with one message of a standard, and the lines it stands on."""
