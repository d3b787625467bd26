"""Invented trade with fraud sown into it, each parcel labelled: what risk models and rules are judged by."""
