"""A file of consignments is checked, given back with remarks, and its sound part lodged."""
