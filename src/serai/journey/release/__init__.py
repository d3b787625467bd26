"""Arrivals, pre-loading answers, and the moment a parcel is free."""
