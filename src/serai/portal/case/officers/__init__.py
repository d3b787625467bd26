"""What officers alone see on the page of a case, beside the decision."""
