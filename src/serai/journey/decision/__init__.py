"""Lane and reasons of each goods item and consignment, and how a decision is told."""
