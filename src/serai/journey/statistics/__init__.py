"""Running sums of decided consignments, added to in each batch's transaction."""
