"""On what a recall rests that suspends goods, and how long platforms have: laws/recalls.yaml."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Final

import msgspec

from serai.foundation.shipped import find_shipped
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_FILE: Final = "recalls.yaml"


class TakeDownLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many working days a platform has, from when it is told, to answer that offers were removed."""

    working_days: int
    law_reference: str


class RecallGround(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ground in some countries; none named: elsewhere. read: where it was read, by field; what is not named
    there is to be read before anybody relies on it. valid_to: the first day out of force."""

    code: str
    country_codes: list[str]
    law_reference: str
    take_down: TakeDownLaw
    read: dict[str, str]
    valid_from: date
    valid_to: date | None
    source: str


@cache
def shipped_grounds() -> tuple[RecallGround, ...]:
    """Return the table that came with the laws."""
    return tuple(msgspec.yaml.decode((find_shipped("laws") / _FILE).read_bytes(), type=list[RecallGround]))


def find_ground(code: str, country_code: str, at: datetime) -> RecallGround:
    """Return a ground as it is in force in a country. Raises SeraiError `recall-ground-unknown`."""
    on = at.astimezone(UTC).date()
    valid = [
        one
        for one in shipped_grounds()
        if one.code == code and one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
    ]
    named = [one for one in valid if country_code in one.country_codes]
    found = named or [one for one in valid if not one.country_codes]
    if not found:
        raise SeraiError(
            "recall-ground-unknown",
            MessageText("There is no legal ground {code} for a recall.", code=code),
            MessageText("ground_code is one of: {listed}.", listed=", ".join(ground_codes())),
        )
    return found[0]


def ground_codes() -> list[str]:
    """Return the codes of all grounds."""
    return sorted({one.code for one in shipped_grounds()})
