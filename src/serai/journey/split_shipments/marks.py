"""When parcels are put before an officer as parts of one order: laws/split-shipments.yaml."""

import datetime as dt
from functools import cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from serai.foundation.shipped import find_shipped

_FILE: Final = "split-shipments.yaml"


class SplitMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From how many parcels within how many days a group is seen. value_min_percent: parcels worth less of
    their limit are not held against others. valid_to: the first day out of force."""

    valid_from: dt.date
    valid_to: dt.date | None
    window_days: Annotated[int, Meta(ge=1, le=30)]
    parcels_min: Annotated[int, Meta(ge=2, le=100)]
    value_min_percent: Annotated[int, Meta(ge=0, le=100)]
    source: str


@cache
def shipped_marks() -> tuple[SplitMark, ...]:
    """Return the marks that came with the laws."""
    return read_marks((find_shipped("laws") / _FILE).read_bytes())


def read_marks(content: bytes) -> tuple[SplitMark, ...]:
    """Read marks. Raises msgspec.ValidationError."""
    return tuple(msgspec.yaml.decode(content, type=list[SplitMark]))


def mark_on(marks: tuple[SplitMark, ...], day: dt.date) -> SplitMark | None:
    """Return the mark of a day; None: there is none, and nothing is grouped."""
    return next(
        (one for one in marks if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)), None
    )
