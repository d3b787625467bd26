"""Repaying a charge that was annulled: who paid it, who bore it, what goes back to whom."""
