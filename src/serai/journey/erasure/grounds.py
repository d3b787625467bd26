"""Why somebody may not be erased yet: grounds in the order in which they are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from serai.foundation.http.interface_words import translatable
from serai.journey.retention.lawful_periods import LawfulPeriod, lawful_end


class Facts(msgspec.Struct, frozen=True):
    """What stands of a case. holds: grounds of the holds on it. last_at: the last event of each kind of
    document in it, UTC; of declarations also release and acceptance."""

    holds: Sequence[str]
    is_open: bool
    owes: bool
    has_task: bool
    last_at: Mapping[str, datetime]


class Ground(msgspec.Struct, frozen=True):
    """What forbids an erasure. until: when that ends; None: with an event that nobody can date. source: the
    law, where it is one of the table."""

    code: str
    until: datetime | None = None
    source: str | None = None


WORDS: Final = {
    "held": translatable("the case is held"),
    "open-case": translatable("goods of the case are not released yet"),
    "open-debt": translatable("the case owes something at the border"),
    "open-enquiry": translatable("an officer has a task in the case"),
    "lawful-retention": translatable("the law keeps what was declared"),
}
"""Sentence of each ground."""


def find_ground(
    facts: Facts, periods: Sequence[LawfulPeriod], country_code: str, at: datetime
) -> Ground | None:
    """Return what forbids an erasure now; None: nothing does (GDPR 17(3)(b) and (e))."""
    if facts.holds:
        return Ground("held")
    if facts.is_open:
        return Ground("open-case")
    if facts.owes:
        return Ground("open-debt")
    if facts.has_task:
        return Ground("open-enquiry")
    ends = [lawful_end(periods, country_code, kind, last_at) for kind, last_at in facts.last_at.items()]
    lawful = max((one for one in ends if one is not None), default=None)
    if lawful is not None and lawful.at > at:
        return Ground("lawful-retention", lawful.at, lawful.source)
    return None
