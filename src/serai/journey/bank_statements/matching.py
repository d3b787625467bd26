"""Which case a movement of money is for, by its creditor reference; or why a person looks at it. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal, NamedTuple

from serai.formats.iso20022.message import BOOKED
from serai.formats.iso20022.movement import Movement
from serai.foundation.id_text import parse_id
from serai.model.creditor_reference import content_of, find_references, read_reference
from serai.model.errors import SeraiError

Outcome = Literal[
    "paid",
    "account-paid",
    "taken-back",
    "taken-back-after-refund",
    "no-reference",
    "several-references",
    "reference-unknown",
    "reference-ended",
    "currency-differs",
    "paid-out",
    "reversal-unmatched",
    "faulty",
    "refund-executed",
    "refund-returned",
    "refund-executed-twice",
    "refund-differs",
]
OUTCOMES: Final[dict[Outcome, tuple[str, str]]] = {
    "paid": ("It was booked to its case.", "Nothing is left to do."),
    "account-paid": ("It was paid into a payment account, or left it.", "Nothing is left to do."),
    "taken-back": ("The bank took it back, and the payment was taken back.", "Nothing is left to do."),
    "taken-back-after-refund": (
        "The bank took it back after it was paid back: who got the refund owes it.",
        "Ask whoever got the refund to return it; an officer has a task for it.",
    ),
    "no-reference": ("It names no reference of a case.", "Ask the payer, or send it back."),
    "several-references": ("It names several references.", "Ask the payer how much is for which."),
    "reference-unknown": ("No case has its reference.", "Ask the payer, or send it back."),
    "reference-ended": (
        "Its payment account is closed, and nothing stands open on it.",
        "Ask the payer what it is for, or send it back.",
    ),
    "currency-differs": (
        "What its case owes is in another currency.",
        "Ask the payer to pay in that one, and send this back.",
    ),
    "paid-out": ("It left the account.", "Hold it against what was ordered."),
    "reversal-unmatched": (
        "It takes back what was never booked here.",
        "Look for the entry that it takes back.",
    ),
    "faulty": ("Something about it cannot be right.", "Ask the bank."),
    "refund-executed": ("A refund order was executed.", "Nothing is left to do."),
    "refund-returned": (
        "The payee's bank sent a refund back; it is due again.",
        "Ask the payee for another account, and order it anew.",
    ),
    "refund-executed-twice": (
        "It executes a refund order that was executed before, or that the bank had rejected.",
        "Ask the bank to take it back.",
    ),
    "refund-differs": (
        "It names a refund order, and is not of its amount, currency, account or status.",
        "Ask the bank what it is.",
    ),
}
"""What came of a movement, in a sentence, and the next step."""


class Found(NamedTuple):
    """A movement with the case it is for (as its reference says it; None: none), or already why not."""

    movement: Movement
    amount_minor: int
    reference: str
    case_id: int | None
    outcome: Outcome | None

    @property
    def booked_on(self) -> date | None:
        """The day on which the bank has booked it."""
        return self.movement.entry.booked_on


def find_case_of(movement: Movement) -> Found | None:
    """Say which case a movement is for. None: it is not booked yet, and will be told of again."""
    entry, one = movement.entry, movement.transaction
    if entry.status_code != BOOKED:
        return None
    if not one.amount_minor or not entry.is_clear:
        return Found(movement, one.amount_minor or 0, "", None, "faulty")
    if one.amount_minor < 0 and not entry.is_reversal:
        return Found(movement, one.amount_minor, "", None, "paid-out")
    references = _references(one.creditor_reference, one.remittance)
    reference = references[0] if len(references) == 1 else ""
    case_id = _case_of(reference)
    outcome: Outcome | None = None
    if not references:
        outcome = "no-reference"
    elif not reference:
        outcome = "several-references"
    elif case_id is None:
        outcome = "reference-unknown"
    return Found(movement, one.amount_minor, reference, case_id, outcome)


def _references(structured: str, lines: Iterable[str]) -> list[str]:
    """Return the references of cases that a payer gave: the structured one alone, where it is one."""
    own = read_reference(structured) if structured else None
    if own is not None:
        return [own]
    return [one for one in find_references(lines) if _case_of(one) is not None]


def _case_of(reference: str) -> int | None:
    """Return the case that a creditor reference says it is for; None: it is none of ours."""
    try:
        return parse_id(content_of(reference))
    except SeraiError:
        return None
