"""Messages of cross-border e-commerce with China (CEB): what may stand in them, read, written, checked."""
