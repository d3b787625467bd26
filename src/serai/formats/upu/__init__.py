"""Messages between posts and customs: ITMATT, CUSITM and CUSRSP, read, written and checked."""
