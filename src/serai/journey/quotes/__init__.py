"""Landed-cost quotes: asked, computed by the one calculation, signed and kept."""
