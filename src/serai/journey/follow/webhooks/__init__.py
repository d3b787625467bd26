"""Webhooks: the event feed of a party, brought to an address of its own (Standard Webhooks)."""
