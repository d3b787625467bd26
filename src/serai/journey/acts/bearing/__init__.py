"""Declarations of bearing: to whom a payment was passed on."""
