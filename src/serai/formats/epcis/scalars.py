"""Values of EPCIS in one written form each: instants in UTC, numbers in plain digits."""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation

_INSTANT = re.compile(
    r"\A(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII
)
_NUMBER = re.compile(r"\A[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)
_DIGITS_MAX = 40


def utc_text(text: str) -> str | None:
    """Give an instant as ISO 8601 text in UTC, with as many decimals as it needs; None: it is none."""
    parts = _INSTANT.match(text)
    if parts is None:
        return None
    day, clock, fraction, offset = parts.groups()
    try:
        moment = dt.datetime.fromisoformat(f"{day}T{clock}{offset.upper().replace('Z', '+00:00')}")
        moment = moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    decimals = (fraction or "").rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if decimals else ''}{decimals}Z".rjust(20, "0")


def plain_number(text: str) -> str | None:
    """Give a number in plain digits without needless zeros: 2.60E1 is 26. None: it is none, or is endless."""
    if len(text) > _DIGITS_MAX or _NUMBER.match(text) is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if number and not -_DIGITS_MAX < number.adjusted() < _DIGITS_MAX:
        return None
    plain = f"{number:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain


def plain_boolean(text: str) -> str | None:
    """Give `true` or `false`; XML may write 1 and 0."""
    return {"true": "true", "1": "true", "false": "false", "0": "false"}.get(text)
