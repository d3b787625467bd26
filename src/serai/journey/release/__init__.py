"""Customs status, the answer before loading, and time limits."""
