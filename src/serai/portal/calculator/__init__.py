"""What a basket costs in many countries, for everybody."""
