"""CUSCAR, the customs cargo report of UN/EDIFACT, as transport documents."""
