"""The data-quality score of declarations, scorecards of declarants, and what is usual for goods."""
