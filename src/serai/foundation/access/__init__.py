"""Who may do what: actors, the one table of acts, keys, sessions, limits of rate; no HTTP here."""
