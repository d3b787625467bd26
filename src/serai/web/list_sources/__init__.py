"""Sources of signed lists over HTTP."""
