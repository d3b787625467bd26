"""The super-reduced data set for goods of low value (H7), as a profile of a WCO declaration."""
