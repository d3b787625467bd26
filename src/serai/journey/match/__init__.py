"""Documents of one consignment find each other."""
