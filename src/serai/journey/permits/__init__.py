"""Permits (licences, permits, certificates and others) of other agencies, and what is written off of them."""
