"""Consignments as they stand, the transport units they move on, and the event feed of parties."""
