"""Scheme numbers: shape and check by the pack, standing by a dated register.

A filer's own word never decides the tax.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from serai.law.pack import Registration
from serai.law.tariff import day_number

STATUSES = ("none", "valid", "malformed", "unknown", "ended", "not-allowed")


class SchemeEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One number of a register. filers: identifiers of parties that may use it; empty says anyone."""

    kind: str
    number: str
    valid_from: dt.date
    valid_to: dt.date | None
    filers: tuple[str, ...] = ()


def abn_check(number: str) -> bool:
    """Check an Australian Business Number: first digit less one, weights 10, 1, 3 ... 19, sum divisible by
    89 (ABR, format of the ABN).
    """
    digits = [int(digit) for digit in number]
    digits[0] -= 1
    return sum(d * w for d, w in zip(digits, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19), strict=True)) % 89 == 0


_CHECKS = {"none": lambda _number: True, None: lambda _number: True, "abn": abn_check}


class SchemeRegister:
    """The numbers known, by kind, and each kind's shape."""

    def __init__(self, registrations: Iterable[Registration], entries: Iterable[SchemeEntry]) -> None:
        self._shapes = {r.kind: (re.compile(r.pattern), _CHECKS[r.check], r.register) for r in registrations}
        self._entries: Mapping[tuple[str, str], SchemeEntry] = {(e.kind, e.number): e for e in entries}

    def status(self, kind: str | None, number: str | None, filer: str, day: int) -> str:
        """Return one of STATUSES for a number used by a filer on a day (days since 1970)."""
        if not number:
            return "none"
        shape = self._shapes.get(kind or "")
        if shape is None or not shape[0].fullmatch(number) or not shape[1](number):
            return "malformed"
        entry = self._entries.get((kind or "", number))
        if entry is None:
            # A kind without a register is taken by its shape: there is nothing else to ask.
            return "unknown" if shape[2] else "valid"
        if not day_number(entry.valid_from) <= day < day_number(entry.valid_to):
            return "ended"
        return "not-allowed" if entry.filers and filer not in entry.filers else "valid"

    def statuses(
        self,
        kinds: Sequence[str | None],
        numbers: Sequence[str | None],
        filers: Sequence[str],
        days: Sequence[int],
    ) -> list[str]:
        """Return the status of each row."""
        return [self.status(*row) for row in zip(kinds, numbers, filers, days, strict=True)]
