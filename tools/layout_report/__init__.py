"""How the source of two checkouts is laid out: rooms, import chains, and the files that one parcel passes."""
