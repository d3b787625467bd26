"""Orders to pay money back: why, and how they stand."""

from typing import Final, Literal

Ground = Literal["overpaid", "repayment", "returned-goods", "annulled-charge", "double-charge"]
GROUNDS: Final[tuple[Ground, ...]] = (
    "overpaid",
    "repayment",
    "returned-goods",
    "annulled-charge",
    "double-charge",
)
"""Why money goes back. Places are stored: new grounds go to the end."""

Status = Literal["ordered", "sent", "accepted", "executed", "rejected", "withdrawn", "returned"]
STATUSES: Final[tuple[Status, ...]] = (
    "ordered",
    "sent",
    "accepted",
    "executed",
    "rejected",
    "withdrawn",
    "returned",
)
"""How an order stands. Places are stored: new ones go to the end. sent: in a batch for the bank; rejected: by
the bank; withdrawn: by an officer, or as its payment was taken back; returned: executed, and sent back by the
payee's bank."""
MOVES: Final[dict[Status, frozenset[Status]]] = {
    "ordered": frozenset({"sent", "withdrawn"}),
    "sent": frozenset({"accepted", "executed", "rejected"}),
    "accepted": frozenset({"executed", "rejected"}),
    "executed": frozenset({"returned"}),
    "rejected": frozenset(),
    "withdrawn": frozenset(),
    "returned": frozenset(),
}
"""What each may become; a move that is not here does not exist."""
ENDED_WITHOUT_MONEY: Final = frozenset({"rejected", "withdrawn", "returned"})
"""Of such an order the amount is due back again."""
ENDED_PLACES: Final = [STATUSES.index(one) for one in STATUSES if one in ENDED_WITHOUT_MONEY]
"""Their places."""
STATUS_SENTENCES: Final[dict[Status, tuple[str, str]]] = {
    "ordered": (
        "It is ordered and goes to the bank with the next batch.",
        "Say to which account you are paid back, if you have not.",
    ),
    "sent": ("It went to the bank.", "Nothing is left to do."),
    "accepted": ("The bank has accepted it.", "Nothing is left to do."),
    "executed": ("It was paid.", "Nothing is left to do."),
    "rejected": (
        "The bank has rejected it; the amount is due back again.",
        "Say to which other account you are paid back.",
    ),
    "withdrawn": ("It was withdrawn before it went to the bank.", "Nothing is left to do."),
    "returned": (
        "The payee's bank has sent it back; the amount is due again.",
        "Say to which other account you are paid back.",
    ),
}
"""How an order stands, in a sentence, and the next step of its payee."""
