"""Tax-paid proof over HTTP: issuers, holders of scheme numbers, tokens and proofs of cases."""
