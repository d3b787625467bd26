"""Codes of China's customs and the international ones they stand for (`codes.yaml`), both ways; instants."""

import datetime as dt
from functools import cache
from importlib.resources import files

import msgspec

UNKNOWN = "CEB:"
"""Before a code that has no counterpart: nobody may take it for an international one."""

BEIJING = dt.timezone(dt.timedelta(hours=8))
_TIME_DIGITS = 14
_DAY_DIGITS = 8


class _Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    valid_from: dt.date
    lists: dict[str, dict[str, str]]


@cache
def code_list(name: str) -> dict[str, str]:
    """Return a list: Chinese code -> international code."""
    content = (files("serai.formats.ceb") / "codes.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=_Codes).lists[name]


def read_code(name: str, code: str) -> str:
    """Return the international code, or the code as it is, marked."""
    return code_list(name).get(code) or f"{UNKNOWN}{code}"


@cache
def _written(name: str) -> dict[str, str]:
    return {international: code for code, international in code_list(name).items()}


def write_code(name: str, code: str) -> str | None:
    """Return the Chinese code; None: the list has none."""
    return code.removeprefix(UNKNOWN) if code.startswith(UNKNOWN) else _written(name).get(code)


def read_time(text: str) -> str:
    """Read YYYYMMDDhhmmss of Beijing as RFC 3339; what is none stays as it is."""
    if len(text) != _TIME_DIGITS or not text.isdigit():
        return text
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:]}+08:00"


def read_day(text: str) -> str:
    """Read YYYYMMDD as the beginning of that day in Beijing."""
    if len(text) != _DAY_DIGITS or not text.isdigit():
        return text
    return f"{text[:4]}-{text[4:6]}-{text[6:]}T00:00:00+08:00"


def write_time(instant: str, form: str) -> str | None:
    """Write an instant in the time of Beijing; None: it is none. form: such as %Y%m%d."""
    try:
        return dt.datetime.fromisoformat(instant).astimezone(BEIJING).strftime(form)
    except ValueError:
        return None
