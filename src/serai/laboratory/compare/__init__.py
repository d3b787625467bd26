"""The same parcels through many laws, side by side."""
