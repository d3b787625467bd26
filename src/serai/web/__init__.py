"""The HTTP application: mounts each room's routes."""
