"""Documents of one consignment find each other: by match keys, then by probabilistic linkage."""
