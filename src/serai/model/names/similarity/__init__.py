"""Names found on lists in any spelling: an index of our own proposes, a comparison of words decides."""
