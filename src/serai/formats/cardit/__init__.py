"""CARDIT, what a post tells a carrier of the mail it hands over, as transport documents."""
