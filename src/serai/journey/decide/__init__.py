"""A lane for each consignment, with reasons."""
