"""Rights holders: recordals, detentions, answers; over HTTP and on pages."""
