"""Adverse decisions, generated: held against the rule, and played on a node."""
