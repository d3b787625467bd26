"""Cumulative allowances: what laws count over several consignments."""
