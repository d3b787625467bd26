"""Everything that a web process runs, loaded: web processes are forked from one that has imported this."""

import gc

import serai.web.application  # noqa: F401 - to be there when a web process begins

# What is loaded stays: a collector that looked through it would write to, and so copy, what all share.
gc.collect()
gc.freeze()
