"""Reads of shared cases by every role: whether anybody sees a field or a reason that is not for them."""
