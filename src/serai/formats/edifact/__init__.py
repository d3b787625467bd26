"""UN/EDIFACT interchanges (ISO 9735, syntax versions 1 to 4): read, checked, written."""
