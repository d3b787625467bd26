"""In which fields two documents of one kind differ: what did not come back as it was."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

_Plain = dict[str, Any]


class Differences(msgspec.Struct, frozen=True):
    """JSON pointers. lost: something stood there and nothing does. changed: something else does."""

    lost: list[str]
    changed: list[str]


def find_differences(document: msgspec.Struct, other: msgspec.Struct) -> Differences:
    """Hold a document against what became of it. What the other has beside it does not count."""
    found = Differences([], [])
    if document != other:
        _compare(msgspec.to_builtins(document), msgspec.to_builtins(other), "", found)
    return found


def _compare(before: Any, after: Any, pointer: str, found: Differences) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            if name in after:
                _compare(value, after[name], f"{pointer}/{name}", found)
            else:
                found.lost.append(f"{pointer}/{name}")
    elif isinstance(before, list) and isinstance(after, list):
        for place, value in enumerate(before):
            if place < len(after):
                _compare(value, after[place], f"{pointer}/{place}", found)
            else:
                found.lost.append(f"{pointer}/{place}")
    elif before != after and not _is_same_value(before, after):
        found.changed.append(pointer)


def _is_same_value(before: Any, after: Any) -> bool:
    """Say whether two texts are one number or one instant: 2.50 and 2.5, 10:00Z and 18:00+08:00."""
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    return any(_read(before, after, read) for read in (Decimal, _instant))


def _read(before: str, after: str, read: Any) -> bool:
    try:
        return bool(read(before) == read(after))
    except (InvalidOperation, ValueError):
        return False


def _instant(text: str) -> dt.datetime:
    instant = dt.datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant
