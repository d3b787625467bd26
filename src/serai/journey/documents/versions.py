"""Versions of documents under one reference: one table says what becomes of whatever comes, be it a
declaration, an order, a payment, a transport document, an arrival or a return.

Same content gets the stored answer: it is held against what the vault holds (`documents/repeats.py`). Other
content is an amendment only if it says so, and names the version it replaces. What was withdrawn stays
withdrawn. After release a change is a request.
"""

from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Final, Literal

import msgspec

from serai.journey.documents.submission import Answer
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText

Standing = Literal["open", "released", "withdrawn", "expired"]
"""How what stands under a reference may still change: freely; only by request, since goods it counts for were
released; not at all, since its sender withdrew it; not at all, since it is kept no longer."""


class Outcome(StrEnum):
    """What becomes of what comes. From AMENDS_NOTHING on it is refused under that code."""

    NEW = "new"
    REPEATED = "repeated"
    AMENDED = "amended"
    TAKEN_BACK = "taken-back"
    AMENDS_NOTHING = "amends-nothing"
    REFERENCE_REUSED = "reference-reused"
    VERSION_NOT_CURRENT = "version-not-current"
    AMENDMENT_TOO_LATE = "amendment-too-late"
    WITHDRAWN = "withdrawn"
    NOT_FOUND = "not-found"


class Stored(msgspec.Struct, frozen=True):
    """What is stored under a reference: its newest version."""

    version: int
    standing: Standing


class Incoming(msgspec.Struct, frozen=True):
    """What comes under a reference. version: the one that an amendment replaces or a withdrawal means; None
    in a withdrawal: whichever is the newest."""

    kind: Literal["original", "amendment", "withdrawal"]
    version: int | None = None


_Sort = Literal["same", "other", "amends-newest", "amends-another", "takes-back-newest", "takes-back-another"]

_UNKNOWN: Final = {
    "original": Outcome.NEW,
    "amendment": Outcome.AMENDS_NOTHING,
    "withdrawal": Outcome.NOT_FOUND,
}

_KNOWN: Final[dict[_Sort, dict[Standing, Outcome]]] = {
    # What is kept no longer says nothing any more: nobody knows whether it is the same.
    "same": {
        "open": Outcome.REPEATED,
        "released": Outcome.REPEATED,
        "withdrawn": Outcome.REPEATED,
        "expired": Outcome.REFERENCE_REUSED,
    },
    "other": {
        "open": Outcome.REFERENCE_REUSED,
        "released": Outcome.REFERENCE_REUSED,
        "withdrawn": Outcome.WITHDRAWN,
        "expired": Outcome.REFERENCE_REUSED,
    },
    "amends-newest": {
        "open": Outcome.AMENDED,
        "released": Outcome.AMENDMENT_TOO_LATE,
        "withdrawn": Outcome.WITHDRAWN,
        "expired": Outcome.AMENDS_NOTHING,
    },
    "amends-another": {
        "open": Outcome.VERSION_NOT_CURRENT,
        "released": Outcome.VERSION_NOT_CURRENT,
        "withdrawn": Outcome.WITHDRAWN,
        "expired": Outcome.AMENDS_NOTHING,
    },
    "takes-back-newest": {
        "open": Outcome.TAKEN_BACK,
        "released": Outcome.AMENDMENT_TOO_LATE,
        "withdrawn": Outcome.REPEATED,
        "expired": Outcome.NOT_FOUND,
    },
    "takes-back-another": {
        "open": Outcome.VERSION_NOT_CURRENT,
        "released": Outcome.VERSION_NOT_CURRENT,
        "withdrawn": Outcome.REPEATED,
        "expired": Outcome.NOT_FOUND,
    },
}


def outcome_of(stored: Stored | None, incoming: Incoming, *, is_same: bool) -> Outcome:
    """Return what becomes of what comes, by what is stored under its reference. stored: None: nothing.
    is_same: whether both say the same; of a withdrawal not asked."""
    if stored is None:
        return _UNKNOWN[incoming.kind]
    return _KNOWN[_sort_of(stored, incoming, is_same)][stored.standing]


def _sort_of(stored: Stored, incoming: Incoming, is_same: bool) -> _Sort:
    if incoming.kind == "withdrawal":
        is_newest = incoming.version in (None, stored.version)
        return "takes-back-newest" if is_newest else "takes-back-another"
    if is_same:
        return "same"
    if incoming.kind == "original":
        return "other"
    return "amends-newest" if incoming.version == stored.version else "amends-another"


WITHDRAWN_BEFORE: Final = Finding("withdrawn-before", "/reference", "advice")
"""Said beside the stored answer to a document that was withdrawn: sent again it does not come back."""


def plainly_refused(answer: Answer) -> Answer:
    """Return the answer to a withdrawn document that came again as a refusal, for exchanges whose messages
    say accepted or refused and nothing beside. A decision says by itself how a declaration stands."""
    if answer.decision or all(one.code != WITHDRAWN_BEFORE.code for one in answer.findings):
        return answer
    return Answer("refused", answer.reference, problem_code=Outcome.WITHDRAWN.value, version=answer.version)


AMENDMENT_ROUNDS_COUNT_MAX: Final = 32
"""A round decides and writes by itself, and everybody else in the process waits for it: a file of thousands
of amendments of one document would hold them up for minutes."""


def next_round(
    names: Sequence[Hashable], is_amendment: Sequence[bool], undecided: AbstractSet[Hashable]
) -> tuple[list[int], list[int]]:
    """Part documents of one batch into those to settle now and those that come after; returns their places.

    Each is measured against what the one before it under its name made. So a round has of one name either
    documents that amend nothing, or one amendment. undecided: names of which nothing can be settled yet.
    """
    now, later = [], []
    met: set[Hashable] = set()
    closed = set(undecided)
    for place, (name, amends) in enumerate(zip(names, is_amendment, strict=True)):
        if name in closed or (amends and name in met):
            closed.add(name)
            later.append(place)
            continue
        now.append(place)
        met.add(name)
        if amends:
            closed.add(name)
    return now, later


def put_off(reference: str) -> Answer:
    """Return the answer to a version that comes after so many others: nothing of it is stored."""
    problem = SeraiError(
        "busy",
        MessageText(
            "{count} versions of this document came just before this one.", count=AMENDMENT_ROUNDS_COUNT_MAX
        ),
        "Send it again in a few seconds.",
    )
    return Answer("not-accepted", reference, problem_code=problem.code, problem=problem)
