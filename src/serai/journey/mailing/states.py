"""What may become of a notice on its way."""

from typing import Final, Literal

State = Literal[
    "queued", "handing-over", "sent", "delivered", "read", "bounced", "refused", "unsure", "expired"
]
"""queued: waits for its next try. handing-over: the text is going to the server. sent: the server has taken
it. delivered: the server that receives for its mailbox has reported that it lies there. read: whom it is for
has shown to have it, as by typing the code in it. bounced: it came back. refused: the server does not take
it. unsure: the process ended while it was handed over, so it may have been sent; it is not sent again.
expired: it could not be sent in time."""

MOVES: Final[dict[State, frozenset[State]]] = {
    "queued": frozenset({"handing-over", "refused", "expired"}),
    "handing-over": frozenset({"queued", "sent", "refused", "unsure"}),
    "sent": frozenset({"delivered", "read", "bounced"}),
    "unsure": frozenset({"delivered", "read", "bounced"}),
    # A mailbox may send back what its server has taken: what was delivered was not, then.
    "delivered": frozenset({"read", "bounced"}),
    "bounced": frozenset({"read"}),
    "read": frozenset(),
    "refused": frozenset(),
    "expired": frozenset(),
}
"""To which states each may go."""
PROVEN: Final[frozenset[State]] = frozenset({"delivered", "read"})
"""States in which a notice is proven to have reached whom it is for."""


def before(state: State) -> list[State]:
    """Return the states from which a notice may come into this one."""
    return [one for one, after in MOVES.items() if state in after]
