"""Guarantees: what amounts payable are secured with, and what of each is in use (UCC, articles 89 to 98; WTO
Trade Facilitation Agreement, article 7.3)."""
