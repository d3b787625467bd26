"""Documents, images or goods are looked at."""
