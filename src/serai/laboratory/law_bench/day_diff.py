"""What the law of a place says on one day otherwise than on another: pack by pack, values of the two days."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace as replace_difference
from typing import NamedTuple

import msgspec

from serai.laboratory.law_bench.diff import Difference, diff_packs, diff_tariffs
from serai.law.book import BASE_LAYER, is_in_force
from serai.law.library import PackFiles
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.tariff import TariffLine


class PackPair(NamedTuple):
    """Two packs that stand for each other on two days; None: there is none on that day."""

    before: Pack | None
    after: Pack | None
    differences: list[Difference]


def law_on(packs: Iterable[Pack], day: dt.date) -> list[Pack]:
    """Return the packs in force on a day, base laws first."""
    found = [pack for pack in packs if is_in_force(pack, day)]
    return sorted(found, key=lambda one: (one.layer != BASE_LAYER, one.code))


def diff_days(packs: Sequence[Pack], files: PackFiles, first: dt.date, second: dt.date) -> list[PackPair]:
    """Compare the law of two days: only what differs. packs: all that may govern a place, of any day.

    Differences have no days of their own: the one day's law is compared with the other's.
    """
    old, new = ({_slot(one): one for one in law_on(packs, day)} for day in (first, second))
    pairs = []
    for slot in sorted({*old, *new}, key=lambda one: (one[0] != BASE_LAYER, one)):
        one, other = old.get(slot), new.get(slot)
        found: list[Difference] = []
        if one is not None and other is not None:
            found = diff_packs(_as_on(one, first), _as_on(other, second))
            found += diff_tariffs(_lines_on(files, one, first), _lines_on(files, other, second))
            # Both are law on their day, whatever they are called today.
            found = [
                replace_difference(row, valid_from=None, valid_to=None)
                for row in found
                if row.part != "pack" or row.name not in _STANDING
            ]
        if found or one is None or other is None:
            pairs.append(PackPair(one, other, found))
    return pairs


def tariff_of(files: PackFiles, pack: Pack) -> list[TariffLine]:
    """Return the lines of a pack's own tariff; none where it has none."""
    path = f"{pack.code}/tariff.csv"
    return list(decode_table(files[path], TariffLine, path)) if path in files else []


_ANY_DAY = dt.date(2000, 1, 1)
_STANDING = ("status", "valid_from", "valid_to", "known_from")


def _slot(pack: Pack) -> tuple[str, ...]:
    return (pack.layer, pack.jurisdiction, *pack.channels, *pack.procedures)


def _as_on(pack: Pack, day: dt.date) -> Pack:
    """Return a pack whose parameters have the values of a day, as if they had never been others."""
    parameters = [
        msgspec.structs.replace(
            parameter,
            values=[
                msgspec.structs.replace(value, valid_from=pack.valid_from, valid_to=pack.valid_to)
                for value in parameter.values
                if value.valid_from <= day and (value.valid_to is None or day < value.valid_to)
            ],
        )
        for parameter in pack.parameters
    ]
    return msgspec.structs.replace(pack, parameters=parameters)


def _lines_on(files: PackFiles, pack: Pack, day: dt.date) -> list[TariffLine]:
    return [
        msgspec.structs.replace(line, valid_from=_ANY_DAY, valid_to=None)
        for line in tariff_of(files, pack)
        if line.valid_from <= day and (line.valid_to is None or day < line.valid_to)
    ]
