"""What can be wrong with the log or with a call to it. What is wrong with somebody's receipt is a fault in
a verdict.
"""

from serai.model.errors import SeraiError


class EvidenceError(SeraiError):
    """The log, a note or a tile is not what it must be; `code` says which."""
