"""One room per stage of the parcel's way, and the corridor that joins them."""
