"""Scheme numbers: shape and check by the pack, standing by a dated register.

A declarant's own word never decides the tax.
"""

import datetime as dt
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

import msgspec

from serai.law.bounded_pattern import is_bounded
from serai.law.pack import Checksum, Pack, Registration
from serai.law.program import LawPackError
from serai.law.tariff import day_number


class SchemeEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One number of a register. declarants: identifiers of parties that may use it; empty says anyone."""

    kind: str
    number: str
    valid_from: dt.date
    valid_to: dt.date | None
    filers: tuple[str, ...] = ()


def checks_itself(number: str, checksum: Checksum) -> bool:
    """Say whether the digits of a number agree with its check digit."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    if not digits or len(digits) > len(checksum.weights):
        return False
    digits[0] -= checksum.first_digit_less
    digits = [0] * (len(checksum.weights) - len(digits)) + digits
    if checksum.weights_if_ten is not None and _rest(digits[:-1], checksum.weights, checksum.modulus) == 10:
        return _rest(digits, checksum.weights_if_ten, checksum.modulus) == 0
    return _rest(digits, checksum.weights, checksum.modulus) == 0


def _rest(digits: Sequence[int], weights: Sequence[int], modulus: int) -> int:
    """Return what is lacking to a multiple of the modulus; weights beyond the digits are left out."""
    return -sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % modulus


def find_pattern_faults(pack: Pack) -> Iterator[LawPackError]:
    """Find patterns of numbers that would run long on some text, or are none: `pattern-unfit`."""
    for registration in pack.registrations:
        if not is_bounded(registration.pattern):
            message = f"the pattern `{registration.pattern[:80]}` may repeat without end, or is none."
            yield LawPackError("pattern-unfit", f"{pack.code}, registration {registration.kind}", message)


class SchemeRegister:
    """The numbers known, by kind, and each kind's shape."""

    def __init__(self, registrations: Iterable[Registration], entries: Iterable[SchemeEntry]) -> None:
        self._shapes = {r.kind: (re.compile(r.pattern), r.check, r.register) for r in registrations}
        self._entries: Mapping[tuple[str, str], SchemeEntry] = {(e.kind, e.number): e for e in entries}

    @property
    def kinds(self) -> Container[str]:
        """Kinds of registration that some pack knows."""
        return self._shapes.keys()

    def status(self, kind: str | None, number: str | None, filer: str, day: int) -> str:
        """Return one of SCHEME_STATUS_CODES for a number used by a declarant on a day (days since 1970)."""
        if not number:
            return "none"
        shape = self._shapes.get(kind or "")
        if shape is None or not shape[0].fullmatch(number):
            return "malformed"
        if isinstance(shape[1], Checksum) and not checks_itself(number, shape[1]):
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
