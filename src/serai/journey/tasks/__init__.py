"""Tasks: whatever needs a person, one open row a consignment."""
