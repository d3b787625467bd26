"""Landed-cost quotes: what a parcel will cost, by the pipeline that will decide it; nothing is stored."""
