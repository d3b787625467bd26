"""What checking a receipt shows, in words: for the API, the pages and the command line alike."""

from collections.abc import Mapping
from typing import Any

import msgspec

from serai.evidence.leaf import Opening
from serai.evidence.receipt import Holds, Verdict, verify_receipt
from serai.evidence.sentences import FAULTS, render_verdict
from serai.foundation.id_text import format_id


class FaultOut(msgspec.Struct, frozen=True):
    """Why a receipt is not genuine."""

    code: str
    sentence: str


class VerdictOut(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a receipt shows. Beside is_genuine, verdict and faults, only what the signature covers, so
    nothing if it is not genuine.

    holds: promise or proof. at, leaf_id: of the leaf; leaf_id is the number of a decision or document.
    opened: fields whose value was shown to be the one committed to. index, tree_size: of a proof.
    cosigned_by: the witnesses of this log who signed its checkpoint.
    integrate_by: of a promise.
    """

    is_genuine: bool
    verdict: str
    faults: list[FaultOut] = []
    holds: str | None = None
    log: str | None = None
    at: str | None = None
    leaf_id: str | None = None
    opened: list[str] = []
    index: int | None = None
    tree_size: int | None = None
    cosigned_by: list[str] = []
    integrate_by: str | None = None


def check_receipt(
    receipt: bytes,
    public_key: bytes,
    origin: str,
    openings: list[Opening],
    witnesses: Mapping[str, bytes] | None = None,
) -> VerdictOut:
    """Check a receipt against the key of a log. witnesses: keys by name. Never raises for what is in the
    receipt."""
    verdict = verify_receipt(receipt, public_key, openings, witnesses)
    if verdict.is_genuine and verdict.origin != origin:
        verdict = msgspec.structs.replace(verdict, faults=("origin-differs",))
    return _render(verdict)


def _render(verdict: Verdict) -> VerdictOut:
    sentence = render_verdict(verdict)
    if not verdict.is_genuine or verdict.leaf is None:
        faults = [FaultOut(code, FAULTS[code]) for code in verdict.faults]
        return VerdictOut(is_genuine=False, verdict=sentence, faults=faults)
    leaf = verdict.leaf
    shared: dict[str, Any] = {
        "holds": None if verdict.holds is None else verdict.holds.value,
        "log": verdict.origin,
        "at": leaf.at.isoformat(),
        "leaf_id": format_id(leaf.leaf_id),
        "opened": list(verdict.opened),
    }
    if verdict.holds is Holds.PROOF:
        return VerdictOut(
            is_genuine=True,
            verdict=sentence,
            index=verdict.index,
            tree_size=verdict.tree_size,
            cosigned_by=list(verdict.cosigned_by),
            **shared,
        )
    assert verdict.integrate_by is not None, "a promise names its time"
    return VerdictOut(
        is_genuine=True, verdict=sentence, integrate_by=verdict.integrate_by.isoformat(), **shared
    )
