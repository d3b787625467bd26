"""Pages of groups of parcels that may be one order."""
