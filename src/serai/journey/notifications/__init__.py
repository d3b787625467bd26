"""Webhooks: the event feed of a party delivered to its addresses."""
