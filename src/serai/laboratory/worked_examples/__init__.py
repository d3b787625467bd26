"""Worked examples (`serai-regime-cases/1`): as messages, as law, and their figures beside what that gives."""
