"""A receipt checked step by step, for people: what was looked at, in which order, and where it fails."""

from typing import Final, Literal

import msgspec

from serai.evidence.leaf import Opening
from serai.evidence.receipt import Holds, Verdict, verify_receipt
from serai.foundation.http.interface_words import translatable

StepState = Literal["holds", "fails", "not reached"]

_STEPS: Final = (
    (
        translatable("The file is a receipt of Serai, byte for byte as it was issued"),
        ("receipt-unreadable", "receipt-not-canonical", "base64-not-canonical"),
    ),
    (
        translatable("The signed note in it can be read"),
        ("note-unreadable", "promise-unreadable", "checkpoint-not-plain", "tile-path-unreadable"),
    ),
    (translatable("The note is signed with the key of this log"), ("signature-wrong", "origin-differs")),
    (
        translatable("The entry's path leads to the root that was signed"),
        ("path-wrong", "tile-missing", "cosignature-wrong"),
    ),
    (translatable("The entry is one that this log writes"), ("leaf-unreadable",)),
)
"""Steps in the order in which `verify_receipt` takes them, and the faults by which each fails."""

_OPENED: Final = ("field-not-committed",)
DECISION_OPENED: Final = translatable("The decision on this page is the one that was committed to")
DOCUMENTS_OPENED: Final = translatable("The documents you gave are those that were committed to")


class CheckStep(msgspec.Struct, frozen=True):
    """One step of the check."""

    text: str
    state: StepState


class ReceiptCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What the check found.

    holds: promise or proof. before, after, place: of the byte that was changed, if one was.
    """

    is_genuine: bool
    steps: list[CheckStep]
    faults: list[str]
    holds: str | None
    origin: str | None
    index: int | None
    tree_size: int | None
    receipt: str
    place: int | None = None
    before: str | None = None
    after: str | None = None


def check_receipt(receipt: bytes, public_key: bytes, opening: Opening | None) -> ReceiptCheck:
    """Check a receipt. opening: of the decision that is shown, where the viewer may see it whole."""
    verdict = verify_receipt(receipt, public_key, [] if opening is None else [opening])
    return ReceiptCheck(
        is_genuine=verdict.is_genuine,
        steps=find_steps(verdict, None if opening is None else DECISION_OPENED),
        faults=list(verdict.faults),
        holds=verdict.holds.value if verdict.holds else None,
        origin=verdict.origin,
        index=verdict.index if verdict.holds is Holds.PROOF else None,
        tree_size=verdict.tree_size,
        receipt=receipt.decode("utf-8", "replace"),
    )


def check_changed(receipt: bytes, public_key: bytes, opening: Opening | None, *, place: int) -> ReceiptCheck:
    """Change one byte of a receipt and check it.

    place: which byte, counted from 0; it is taken into the receipt's length.
    """
    at = place % len(receipt)
    changed = bytearray(receipt)
    changed[at] = _other(receipt[at])
    found = check_receipt(bytes(changed), public_key, opening)
    return msgspec.structs.replace(found, place=at, before=chr(receipt[at]), after=chr(changed[at]))


def _other(byte: int) -> int:
    """Return another letter, digit or sign that may stand in a receipt as well."""
    return ord("B") if byte == ord("A") else ord("A")


def find_steps(verdict: Verdict, opened: str | None) -> list[CheckStep]:
    """Return the steps of a check and how each ended; the first that fails ends it.

    opened: the sentence about what was opened, in English; None: nothing was.
    """
    steps = [*_STEPS, *([] if opened is None else [(opened, _OPENED)])]
    failed = next(
        (number for number, (_, faults) in enumerate(steps) if set(faults) & set(verdict.faults)),
        0 if verdict.faults else len(steps),
    )
    return [
        CheckStep(text, "holds" if number < failed else "fails" if number == failed else "not reached")
        for number, (text, _) in enumerate(steps)
    ]
