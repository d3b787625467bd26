"""What two versions of a law, or one law on two days, differ in: in words, and side by side."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace as replace_difference

import msgspec

from serai.laboratory.law_bench.diff import Difference, diff_packs, diff_tariffs
from serai.laboratory.law_bench.diff_words import meanings_of, render_difference, render_field, render_sides
from serai.law.book import is_in_force
from serai.law.library import PackFiles
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.tariff import TariffLine
from serai.portal.law.pack_view import summary_of
from serai.portal.law.places import Place

ROWS_MAX = 400
"""Differences shown; a whole tariff that changed is read as data, not on a page."""


class Side(msgspec.Struct, frozen=True):
    """One difference. what: rule or figure; field: what of it; before, after: "" where it is not there."""

    what: str
    name: str
    field: str
    before: str
    after: str


class Part(msgspec.Struct, frozen=True):
    """Differences of one kind: in sentences, and side by side."""

    title: str
    sentences: list[str]
    sides: list[Side]


class Compared(msgspec.Struct, frozen=True):
    """Two packs that stand for each other. before, after: code; "" where there is only the other."""

    title: str
    before: str
    after: str
    parts: list[Part]

    @property
    def count(self) -> int:
        """How many differences there are."""
        return sum(len(part.sides) for part in self.parts)


class DifferenceView(msgspec.Struct, frozen=True):
    """The page. heads: what stands over the two columns; summaries: what each side says of itself."""

    place: str
    place_name: str
    heads: tuple[str, str]
    summaries: tuple[list[str], list[str]]
    compared: list[Compared]
    meanings: dict[str, str]
    left_out: int

    @property
    def count(self) -> int:
        """How many differences there are."""
        return sum(one.count for one in self.compared) + self.left_out


_PARTS = {"pack": "The law as a whole", "parameter": "Figures", "tariff": "Tariff"}
_ORDER = ("parameter", "charge", "relief", "definition", "requirement", "exclusion", "reason")


def view_packs(before: Pack, after: Pack, files: PackFiles, place_name: str) -> DifferenceView:
    """Return what the second pack says otherwise than the first."""
    found = diff_packs(before, after) + diff_tariffs(_tariff(files, before), _tariff(files, after))
    return _view(
        after.jurisdiction,
        place_name,
        (before.code, after.code),
        [(before, after, found)],
        ([summary_of(before)], [summary_of(after)]),
    )


def view_days(place: Place, first: dt.date, second: dt.date, files: PackFiles) -> DifferenceView:
    """Return what the law of a place says on the second day otherwise than on the first."""
    old, new = ({_slot(one): one for one in _in_force(place, day)} for day in (first, second))
    pairs = []
    for slot in sorted({*old, *new}, key=lambda one: (one[0] != "base", one)):
        one, other = old.get(slot), new.get(slot)
        found: list[Difference] = []
        if one is not None and other is not None:
            found = diff_packs(_as_on(one, first), _as_on(other, second))
            found += diff_tariffs(_lines_on(files, one, first), _lines_on(files, other, second))
            # Both are law on their day, whatever they are called today.
            found = [
                replace_difference(row, valid_from=None, valid_to=None)
                for row in found
                if (row.part, row.name) != ("pack", "status")
            ]
        pairs.append((one, other, found))
    summaries = tuple(
        [summary_of(pack) for pack in sorted(side.values(), key=lambda one: (one.layer != "base", one.code))]
        for side in (old, new)
    )
    heads = (f"{first.day} {first:%B %Y}", f"{second.day} {second:%B %Y}")
    return _view(place.code, place.name, heads, pairs, (summaries[0], summaries[1]))


def _view(
    place: str,
    place_name: str,
    heads: tuple[str, str],
    pairs: Sequence[tuple[Pack | None, Pack | None, list[Difference]]],
    summaries: tuple[list[str], list[str]],
) -> DifferenceView:
    compared, shown = [], 0
    for before, after, found in pairs:
        if not found and before is not None and after is not None:
            continue
        known = after or before
        assert known is not None
        kept = found[: ROWS_MAX - shown]
        shown += len(kept)
        parts = _parts(kept) if before is not None and after is not None else [_whole(before, after)]
        compared.append(
            Compared(
                known.title,
                before.code if before is not None else "",
                after.code if after is not None else "",
                parts,
            )
        )
    everything = [row for _, _, found in pairs for row in found]
    packs = [pack for before, after, _ in pairs for pack in (before, after) if pack is not None]
    return DifferenceView(
        place, place_name, heads, summaries, compared, meanings_of(everything, packs), len(everything) - shown
    )


def _parts(found: Iterable[Difference]) -> list[Part]:
    by_part: dict[str, list[Difference]] = {}
    for one in found:
        by_part.setdefault(one.part, []).append(one)
    names = sorted(by_part, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    return [
        Part(
            _PARTS.get(name, f"{name.capitalize()}s"),
            list(dict.fromkeys(render_difference(one) for one in by_part[name])),
            [_side(one) for one in by_part[name]],
        )
        for name in names
    ]


def _side(one: Difference) -> Side:
    before, after = render_sides(one)
    what = (one.title or "").rstrip(".") + (f", for {one.key}" if one.key else "")
    return Side(what, "" if one.part == "pack" else one.name, render_field(one), before, after)


def _whole(before: Pack | None, after: Pack | None) -> Part:
    """A pack that stands on one of the days only."""
    known = after or before
    assert known is not None
    word = "new" if before is None else "gone"
    side = Side(
        known.title, known.code, "", "" if before is None else "in force", "" if after is None else "in force"
    )
    return Part("The law as a whole", [f"{known.title} (`{known.code}`) is {word}."], [side])


def _in_force(place: Place, day: dt.date) -> list[Pack]:
    return [one.pack for one in place.packs if is_in_force(one.pack, day)]


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
        line
        for line in _tariff(files, pack)
        if line.valid_from <= day and (line.valid_to is None or day < line.valid_to)
    ]


def _tariff(files: PackFiles, pack: Pack) -> list[TariffLine]:
    path = f"{pack.code}/tariff.csv"
    return list(decode_table(files[path], TariffLine, path)) if path in files else []
