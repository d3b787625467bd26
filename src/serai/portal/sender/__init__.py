"""Who sends: asked in one way by every page that lodges."""
