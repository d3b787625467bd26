"""Invented parcels as documents of the wire, with flights, orders, payments, a list and a register."""
