"""Buyers: whose parcel it is, without an account: number and postcode, a one-time code, what they ask for."""
