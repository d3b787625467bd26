"""Notices by e-mail: queued with what they tell, handed over once, kept with what became of them."""
