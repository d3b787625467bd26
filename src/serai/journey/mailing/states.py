"""What may become of a notice on its way."""

from typing import Final, Literal

State = Literal["queued", "handing-over", "sent", "delivered", "bounced", "refused", "unsure", "expired"]
"""queued: waits for its next try. handing-over: the text is going to the server. sent: the server has taken
it. delivered: it is proven to have reached its mailbox. bounced: it came back. refused: the server does not
take it. unsure: the process ended while it was handed over, so it may have been sent; it is not sent again.
expired: it could not be sent in time."""

MOVES: Final[dict[State, frozenset[State]]] = {
    "queued": frozenset({"handing-over", "refused", "expired"}),
    "handing-over": frozenset({"queued", "sent", "refused", "unsure"}),
    "sent": frozenset({"delivered", "bounced"}),
    "unsure": frozenset({"delivered", "bounced"}),
    "delivered": frozenset(),
    "bounced": frozenset(),
    "refused": frozenset(),
    "expired": frozenset(),
}
"""To which states each may go; whatever ends a notice first counts."""


def before(state: State) -> list[State]:
    """Return the states from which a notice may come into this one."""
    return [one for one, after in MOVES.items() if state in after]
