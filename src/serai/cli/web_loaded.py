"""Everything that a web process runs, loaded: web processes are forked from one that has imported this."""

import serai.web.application  # noqa: F401 - to be there when a web process begins
from serai.foundation.garbage_collection import collect_rarely

# A collector that looked through what is loaded would write to, and so copy, what all share.
collect_rarely()
