"""The laws of the world on the same parcels, as a page."""
