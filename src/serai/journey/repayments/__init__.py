"""Repayment and remission: what of a charge goes back by law, on its own or because somebody applies."""
