"""Tax-paid tokens shown for a case, and proofs given out for one."""
