"""Goods go back; duty, tax and allowance are restored."""
