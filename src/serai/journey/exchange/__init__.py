"""Between customs administrations."""
