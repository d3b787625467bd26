"""Paste a message or give a file, and see every fault at its line."""
