"""Why: one decision as a tree of steps, each with its law."""
