"""Recordals of rights holders, what is detained for them, its clocks, and claims without ground."""
