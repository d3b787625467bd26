"""What other agencies decide on goods that a rule of their remit keeps."""
