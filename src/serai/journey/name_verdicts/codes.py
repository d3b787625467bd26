"""What an officer may say of a name that resembles a listed one: laws/name-verdicts.yaml."""

import datetime as dt
from functools import cache
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from serai.foundation.shipped import find_shipped
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_FILE: Final = "name-verdicts.yaml"
Outcome = Literal["same-person", "other-person", "not-known"]
CLOSING: Final[Outcome] = "other-person"
"""After which a name stands against a parcel no longer."""


class VerdictCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that can be said. meaning: in English, for who reads the data. valid_to: the first day on
    which it is said no longer."""

    code: Annotated[str, Meta(pattern="^[a-z]+(-[a-z]+)*$", max_length=40)]
    outcome: Outcome
    meaning: str
    valid_from: dt.date
    valid_to: dt.date | None
    source: str


@cache
def shipped_codes() -> tuple[VerdictCode, ...]:
    """Return the codes that came with the laws."""
    return read_codes((find_shipped("laws") / _FILE).read_bytes())


def read_codes(content: bytes) -> tuple[VerdictCode, ...]:
    """Read codes. Raises msgspec.ValidationError."""
    return tuple(msgspec.yaml.decode(content, type=list[VerdictCode]))


def codes_on(codes: tuple[VerdictCode, ...], day: dt.date) -> list[VerdictCode]:
    """Return what may be said on a day."""
    return [one for one in codes if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)]


def outcome_of(codes: tuple[VerdictCode, ...], code: str) -> Outcome:
    """Return what a code that was used comes to, in force or not; of one that is not there any more, that it
    is not known."""
    return next((one.outcome for one in codes if one.code == code), "not-known")


def require_code(codes: tuple[VerdictCode, ...], code: str, day: dt.date) -> VerdictCode:
    """Return the code of a day. Raises SeraiError `name-verdict-unknown`."""
    allowed = {one.code: one for one in codes_on(codes, day)}
    if code not in allowed:
        raise SeraiError(
            "name-verdict-unknown",
            "There is no such verdict on a listed name.",
            MessageText("Say one of: {listed}.", listed=", ".join(allowed)),
        )
    return allowed[code]
