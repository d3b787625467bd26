"""What each role owes customs, as laws/due-diligence.yaml says: source, check, weight."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from serai.foundation.shipped import find_shipped

_FILE: Final = "due-diligence.yaml"
DutyRole = Literal["platform", "seller", "carrier", "post", "declarant", "payment_provider"]
DutyCheck = Literal["taken", "untouched", "counted"]
"""Messages taken of those sent; messages that no check touched of those taken; documents that count in a case
of those sent."""


class Duty(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One duty of a role. checks: of the data-quality formula, for `untouched`; kind: of documents, for
    `counted`. points: weight in the score of the role. read: whether the source itself was read; else the
    sentence is Serai's own. valid_to: the first day out of force."""

    code: str
    role: DutyRole
    check: DutyCheck
    checks: tuple[str, ...] = ()
    kind: Literal["order", "payment", "transport-document"] | None = None
    points: Annotated[int, Meta(ge=1)]
    read: bool
    valid_from: dt.date
    valid_to: dt.date | None
    duty: str
    source: str


@cache
def shipped_duties() -> tuple[Duty, ...]:
    """Return the duties that came with the laws."""
    return read_duties((find_shipped("laws") / _FILE).read_bytes())


def read_duties(content: bytes) -> tuple[Duty, ...]:
    """Read duties. Raises msgspec.ValidationError, ValueError."""
    duties = tuple(msgspec.yaml.decode(content, type=list[Duty]))
    for one in duties:
        if bool(one.checks) != (one.check == "untouched") or (one.kind is None) == (one.check == "counted"):
            raise ValueError(f"due-diligence.yaml: {one.role} {one.code} names another figure than its check")
    return duties


def duties_on(duties: Sequence[Duty], day: dt.date) -> list[Duty]:
    """Return the duties in force on a day."""
    return [one for one in duties if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)]
