"""Wrong parties: who has no part in a parcel, and knows every number of it, reads and changes nothing."""
