"""The world's laws side by side for everybody: what a dress costs where, where limits bite, who is free."""
