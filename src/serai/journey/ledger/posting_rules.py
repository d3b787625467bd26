"""Which accounts each event moves: laws/postings.yaml."""

from functools import cache
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from serai.foundation.shipped import find_shipped
from serai.model.acts import kinds_with
from serai.model.errors import SeraiError
from serai.model.frames import STATUSES
from serai.model.ledger import KIND_PLACES, PHASES
from serai.model.packed_detail import DUES

_FILE: Final = "postings.yaml"
NO_PHASE: Final = -1


class Sides(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kinds of the accounts that a line debits and credits."""

    debit: str
    credit: str

    @property
    def places(self) -> tuple[int, int]:
        """Return their places in ACCOUNT_KINDS."""
        return KIND_PLACES[self.debit], KIND_PLACES[self.credit]


class Cover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kinds of the account that a payment debits, and of the one that it credits. is_paid_back: what is left
    over of it was money, and goes back by an order to the bank. is_own: it is the administration's own: it
    takes off what no payment does, and no more."""

    debit: str
    covers: Literal["amounts-payable", "securities-returnable"]
    is_paid_back: bool = False
    is_own: bool = False

    @property
    def places(self) -> tuple[int, int]:
        """Return their places in ACCOUNT_KINDS."""
        return KIND_PLACES[self.debit], KIND_PLACES[self.covers]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    phases: dict[str, Literal["pending", "posted", "none"]]
    assessed: dict[str, Sides]
    payments: dict[str, Cover]
    overpaid: str
    ways: dict[str, str]
    rounding_minor: dict[str, Annotated[int, Meta(ge=0, le=100)]]


class PostingRules(NamedTuple):
    """The rules of posting. phases: by place in STATUSES, the place in PHASES of what was assessed, NO_PHASE
    where nothing is owed. assessed: by place in DUES; None: it is not entered. payments: by kind of act.
    overpaid: place in ACCOUNT_KINDS. ways: likewise, by the way of a payment account. rounding_minor: by
    currency, by how much a payment by bank may be short."""

    phases: tuple[int, ...]
    assessed: tuple[Sides | None, ...]
    payments: dict[str, Cover]
    overpaid: int
    ways: dict[str, int]
    rounding_minor: dict[str, int]


@cache
def shipped_posting_rules() -> PostingRules:
    """Return the rules that are shipped. Raises SeraiError `posting-rules-unreadable`."""
    return read_posting_rules((find_shipped("laws") / _FILE).read_bytes())


def read_posting_rules(content: bytes) -> PostingRules:
    """Read the rules. Raises SeraiError `posting-rules-unreadable`: every status has a phase, every place of
    payment known here two accounts that differ."""
    try:
        file = msgspec.yaml.decode(content, type=_File)
    except (msgspec.ValidationError, msgspec.DecodeError) as fault:
        raise _unreadable(str(fault)) from fault
    if file.phases.keys() != set(STATUSES):
        raise _unreadable(f"phases: these differ: {', '.join(sorted(file.phases.keys() ^ set(STATUSES)))}")
    if not file.assessed.keys() <= set(DUES):
        raise _unreadable(f"assessed: it names one of {', '.join(DUES)}")
    for sides in file.assessed.values():
        if not {sides.debit, sides.credit} <= KIND_PLACES.keys() or sides.debit == sides.credit:
            raise _unreadable(f"assessed: {sides.debit} and {sides.credit} are not two kinds of account")
    if file.payments.keys() != set(kinds_with("payment")):
        raise _unreadable(f"payments: it names {', '.join(sorted(kinds_with('payment')))}")
    named = {file.overpaid, *file.ways.values(), *(one.debit for one in file.payments.values())}
    if not named <= KIND_PLACES.keys():
        raise _unreadable("payments, overpaid, ways: they name kinds of account")
    places: dict[str, int] = {name: place for place, name in enumerate(PHASES)}
    return PostingRules(
        phases=tuple(places.get(file.phases[status], NO_PHASE) for status in STATUSES),
        assessed=tuple(file.assessed.get(due) for due in DUES),
        payments=file.payments,
        overpaid=KIND_PLACES[file.overpaid],
        ways={way: KIND_PLACES[kind] for way, kind in file.ways.items()},
        rounding_minor=file.rounding_minor,
    )


def _unreadable(why: str) -> SeraiError:
    return SeraiError(
        "posting-rules-unreadable",
        f"The rules of posting cannot be read: {why}.",
        f"Correct {_FILE}, or install Serai again.",
    )
