"""Published forms of lists of denied parties, a file each, read into entries."""
