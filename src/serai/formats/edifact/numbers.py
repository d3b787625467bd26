"""Numbers and times as UN/EDIFACT writes them."""

import datetime as dt
import re

from serai.formats.placed import PlacedText

_NUMBER = re.compile(r"-?\d{1,24}([.,]\d{1,24})?", re.ASCII)
FORMATS = {
    "101": "%y%m%d",
    "102": "%Y%m%d",
    "201": "%y%m%d%H%M",
    "202": "%y%m%d%H%M%S",
    "203": "%Y%m%d%H%M",
    "204": "%Y%m%d%H%M%S",
}
"""Code list 2379, those without a zone."""

_CHARACTERS = {"101": 6, "102": 8, "201": 10, "202": 12, "203": 12, "204": 14}


def is_number(text: str) -> bool:
    """Say whether a text is a number. Point and comma are both read as the mark, whichever UNA states: a
    number has no other use for either."""
    return _NUMBER.fullmatch(text) is not None


def decimal_of(text: PlacedText) -> PlacedText:
    """Return a number with a point; what is none stays, and the schema will say so."""
    return PlacedText(text.replace(",", "."), text.place)


def time_of(value: str, form: str, zone: dt.tzinfo) -> dt.datetime | None:
    """Read a time of a clock; None: no such time, or a form that is not read. form: of code list 2379."""
    pattern = FORMATS.get(form)
    if pattern is None or len(value) != _CHARACTERS[form] or not (value.isascii() and value.isdigit()):
        return None
    try:
        local = dt.datetime.strptime(value, pattern).replace(tzinfo=zone)
    except ValueError:
        return None
    # The first and the last days there are have no UTC in every zone.
    return local if 1900 < local.year < 9999 else None
