"""Groups of parcels that may be one order: found, put before an officer, decided, undone."""
