"""Service status, for everybody: what is measured of the service and of its log."""
