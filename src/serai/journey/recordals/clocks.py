"""What time does to goods that are detained for a right: what silence stands for, what follows. Pure."""

import datetime as dt
from typing import Literal, NamedTuple

Procedure = Literal["standard", "small-consignment", "own-initiative"]
"""With a recordal; with one that asks for small consignments to be destroyed without its holder; without."""
HolderAnswer = Literal["infringes-destroy", "infringes-proceedings", "does-not-infringe"]
"""The goods infringe the right, and may be destroyed; proceedings have begun; they do not."""
DeclarantAnswer = Literal["agrees", "opposes", "deemed-to-agree"]
"""To destruction; deemed: silent, where the law takes that for consent."""
ExtensionAnswer = Literal["granted", "refused"]
"""To a request for more time, or for a recordal that lasts longer."""
Outcome = Literal[
    "holder-silent",
    "does-not-infringe",
    "no-proceedings",
    "no-recordal",
    "released",
    "destroyed",
    "otherwise-disposed",
]
"""How it ended: the first four by release, since nobody entitled upheld it; then as officers decided."""
State = Literal["waiting", "to-destroy", "in-proceedings", "ended"]
BASELESS: frozenset[Outcome] = frozenset({"holder-silent", "does-not-infringe", "no-proceedings"})
"""Ends that count against the priority of a recordal."""


class Clock(NamedTuple):
    """A detention as time looks at it. silence_is_consent: of the declarant. *_due_at: until when each may
    answer; None: not told yet."""

    procedure: Procedure
    has_recordal: bool
    silence_is_consent: bool
    holder_due_at: dt.datetime | None
    declarant_due_at: dt.datetime
    holder_answer: HolderAnswer | None
    declarant_answer: DeclarantAnswer | None
    is_ended: bool = False


class Step(NamedTuple):
    """What follows now. declarant_answer: what silence stands for. release: why the goods go on."""

    state: State
    declarant_answer: DeclarantAnswer | None = None
    release: Outcome | None = None


def step_of(clock: Clock, at: dt.datetime) -> Step:
    """Return how a detention stands, and what time has brought about."""
    answer = clock.declarant_answer
    if answer is None and clock.silence_is_consent and at >= clock.declarant_due_at:
        answer = "deemed-to-agree"
    if clock.is_ended:
        return Step("ended", answer)
    if clock.procedure == "small-consignment" and answer in ("agrees", "deemed-to-agree"):
        # The holder has asked beforehand for what is small to be destroyed.
        return Step("to-destroy", answer)
    if clock.procedure == "small-consignment" and clock.holder_due_at is None:
        return Step("waiting", answer)
    return _with_holder(clock, answer, at)


def _with_holder(clock: Clock, answer: DeclarantAnswer | None, at: dt.datetime) -> Step:
    is_late = clock.holder_due_at is not None and at >= clock.holder_due_at
    if clock.holder_answer == "does-not-infringe":
        return Step("waiting", answer, "does-not-infringe")
    if clock.holder_answer == "infringes-proceedings":
        return Step("in-proceedings", answer)
    if clock.holder_answer is None:
        silent: Outcome = "holder-silent" if clock.has_recordal else "no-recordal"
        return Step("waiting", answer, silent if is_late else None)
    if answer in ("agrees", "deemed-to-agree"):
        return Step("to-destroy", answer)
    # Opposed, or silent where that is no consent: once both have had their time, proceedings alone keep
    # the goods.
    is_over = is_late and (answer == "opposes" or at >= clock.declarant_due_at)
    return Step("waiting", answer, "no-proceedings" if is_over else None)
