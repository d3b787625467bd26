"""Parcels that may be parts of one order: pseudonyms of address, seller and heading in a moving window."""
