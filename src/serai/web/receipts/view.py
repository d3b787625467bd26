"""What a checked receipt proves, as the page says it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from serai.evidence.leaf import Opening
from serai.evidence.receipt import named_log_of, verify_receipt
from serai.foundation.id_text import format_id
from serai.portal.receipt.check import DOCUMENTS_OPENED, CheckStep, find_steps
from serai.web.receipts.words import FAULT_WORDS

SHOWN_CHARACTERS_MAX: Final = 20_000


class OurLog(msgspec.Struct, frozen=True):
    """The log of this server. witnesses: keys by name. tree_size: as of now; None: it is empty."""

    origin: str
    public_key: bytes
    administration_id: int
    witnesses: Mapping[str, bytes]
    tree_size: int | None


class OpenedField(msgspec.Struct, frozen=True):
    """What was given to open a field. text: as far as it is shown; is_cut: it is longer."""

    name: str
    text: str
    is_committed: bool
    is_cut: bool


class WitnessLine(msgspec.Struct, frozen=True):
    """A witness of the log."""

    name: str
    has_signed: bool


class ReceiptView(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt proves; of one that is not genuine nothing but its steps, why it fails and what to do.

    is_genuine: also where only what was given to open it does not fit. named_log: as an unproved receipt says
    itself. is_ahead: it was proved under a larger log than this one is, which may not be. is_overdue: a
    promise whose time is over.
    """

    is_genuine: bool
    steps: list[CheckStep]
    fault: str | None
    sentence: str = ""
    next_step: str = ""
    named_log: str | None = None
    holds: str | None = None
    log: str | None = None
    at: datetime | None = None
    number: str | None = None
    is_of_this_administration: bool = True
    index: int | None = None
    tree_size: int | None = None
    is_ahead: bool = False
    integrate_by: datetime | None = None
    is_overdue: bool = False
    witnesses: list[WitnessLine] = []
    opened: list[OpenedField] = []


def view_receipt(receipt: bytes, openings: Sequence[Opening], log: OurLog, at: datetime) -> ReceiptView:
    """Check a receipt for the page. Never raises for what is in it."""
    verdict = verify_receipt(receipt, log.public_key, openings, log.witnesses)
    if verdict.leaf is not None and verdict.origin != log.origin:
        verdict = msgspec.structs.replace(verdict, faults=("origin-differs",))
    steps = find_steps(verdict, DOCUMENTS_OPENED if openings else None)
    fault = next((code for code in FAULT_WORDS if code in verdict.faults), None)
    sentence, next_step = FAULT_WORDS[fault] if fault is not None else ("", "")
    leaf = verdict.leaf
    if leaf is None or (fault is not None and fault != "field-not-committed"):
        return ReceiptView(
            is_genuine=False,
            steps=steps,
            fault=fault or "receipt-unreadable",
            sentence=sentence or FAULT_WORDS["receipt-unreadable"].sentence,
            next_step=next_step or FAULT_WORDS["receipt-unreadable"].next_step,
            named_log=_another_log(receipt, log),
        )
    return ReceiptView(
        is_genuine=True,
        steps=steps,
        fault=fault,
        sentence=sentence,
        next_step=next_step,
        holds=None if verdict.holds is None else verdict.holds.value,
        log=verdict.origin,
        at=leaf.at,
        number=format_id(leaf.leaf_id),
        is_of_this_administration=leaf.administration_id == log.administration_id,
        index=verdict.index,
        tree_size=verdict.tree_size,
        is_ahead=verdict.tree_size is not None and verdict.tree_size > (log.tree_size or 0),
        integrate_by=verdict.integrate_by,
        is_overdue=verdict.integrate_by is not None and verdict.integrate_by < at,
        witnesses=[WitnessLine(name, name in verdict.cosigned_by) for name in log.witnesses],
        opened=[_opened(one, one.name in verdict.opened) for one in openings],
    )


def _another_log(receipt: bytes, log: OurLog) -> str | None:
    named = named_log_of(receipt)
    return None if named == log.origin else named


def _opened(opening: Opening, is_committed: bool) -> OpenedField:
    text = opening.value.decode("utf-8", "replace")
    return OpenedField(
        opening.name, text[:SHOWN_CHARACTERS_MAX], is_committed, len(text) > SHOWN_CHARACTERS_MAX
    )
