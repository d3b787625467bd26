"""A receipt checked step by step, for people: what was looked at, in which order, and where it fails."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from serai.evidence.leaf import Opening
from serai.evidence.receipt import Holds, Verdict, verify_receipt

StepState = Literal["holds", "fails", "not reached"]

_STEPS: Final = (
    (
        "The file is a receipt of Serai, byte for byte as it was issued",
        ("receipt-unreadable", "receipt-not-canonical", "base64-not-canonical"),
    ),
    (
        "The signed note in it can be read",
        ("note-unreadable", "promise-unreadable", "checkpoint-not-plain", "tile-path-unreadable"),
    ),
    ("The note is signed with the key of this log", ("signature-wrong",)),
    ("The entry's path leads to the root that was signed", ("path-wrong", "tile-missing")),
    ("The entry is one that this log writes", ("leaf-unreadable",)),
    ("The decision on this page is the one that was committed to", ("field-not-committed",)),
)
"""Steps in the order in which `verify_receipt` takes them, and the faults by which each fails."""


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
        steps=_steps(verdict, has_opening=opening is not None),
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


def _steps(verdict: Verdict, *, has_opening: bool) -> list[CheckStep]:
    failed = next(
        (number for number, (_, faults) in enumerate(_STEPS) if set(faults) & set(verdict.faults)),
        0 if verdict.faults else len(_STEPS),
    )
    shown: Sequence[tuple[str, tuple[str, ...]]] = _STEPS if has_opening else _STEPS[:-1]
    return [
        CheckStep(text, "holds" if number < failed else "fails" if number == failed else "not reached")
        for number, (text, _) in enumerate(shown)
    ]
