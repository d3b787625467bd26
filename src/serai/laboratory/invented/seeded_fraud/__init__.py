"""Invented trade with fraud sown into it, each parcel labelled: what risk models and rules are judged by.

Lawful parcels that look like fraud are in it as well (bargains, dormitories, households that order often).
"""
