"""One room per stage of the parcel's way, and processing that joins them."""
