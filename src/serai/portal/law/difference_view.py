"""What two versions of a law, or one law on two days, differ in: in words, and side by side."""

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.locales import day_text
from serai.journey.texts.law_texts import law_texts
from serai.laboratory.law_bench.day_diff import PackPair, diff_days, law_on, tariff_of
from serai.laboratory.law_bench.diff import Difference, diff_packs, diff_tariffs
from serai.laboratory.law_bench.diff_words import meanings_of, render_difference, render_field, render_sides
from serai.law.library import PackFiles
from serai.law.pack import Pack
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


_PARTS = {
    "pack": translatable("The law as a whole"),
    "parameter": translatable("Figures"),
    "tariff": translatable("Tariff"),
    "charge": translatable("Charges"),
    "relief": translatable("Reliefs"),
    "definition": translatable("Definitions"),
    "requirement": translatable("Requirements"),
    "exclusion": translatable("Exclusions"),
    "reason": translatable("Reasons"),
    "form": translatable("Forms"),
}
_ORDER = ("parameter", "charge", "relief", "definition", "requirement", "exclusion", "reason")


def view_packs(before: Pack, after: Pack, files: PackFiles, place_name: str, language: str) -> DifferenceView:
    """Return what the second pack says otherwise than the first."""
    found = diff_packs(before, after) + diff_tariffs(tariff_of(files, before), tariff_of(files, after))
    return _view(
        after.jurisdiction,
        place_name,
        (before.code, after.code),
        [PackPair(before, after, found)],
        ([summary_of(before, language)], [summary_of(after, language)]),
        language=language,
    )


def view_days(
    place: Place, first: dt.date, second: dt.date, files: PackFiles, language: str
) -> DifferenceView:
    """Return what the law of a place says on the second day otherwise than on the first."""
    packs = [one.pack for one in place.packs]
    pairs = diff_days(packs, files, first, second)
    before, after = ([summary_of(pack, language) for pack in law_on(packs, day)] for day in (first, second))
    heads = (day_text(first, language), day_text(second, language))
    return _view(place.code, place.name, heads, pairs, (before, after), language=language)


def _view(
    place: str,
    place_name: str,
    heads: tuple[str, str],
    pairs: Sequence[PackPair],
    summaries: tuple[list[str], list[str]],
    *,
    language: str,
) -> DifferenceView:
    compared, shown = [], 0
    for before, after, found in pairs:
        if not found and before is not None and after is not None:
            continue
        known = after or before
        assert known is not None
        kept = found[: ROWS_MAX - shown]
        shown += len(kept)
        parts = (
            _parts(kept, language)
            if before is not None and after is not None
            else [_whole(before, after, language)]
        )
        compared.append(
            Compared(
                law_texts(language).get(known.title, known.title),
                before.code if before is not None else "",
                after.code if after is not None else "",
                parts,
            )
        )
    texts = law_texts(language)
    everything = [row for _, _, found in pairs for row in found]
    packs = [pack for before, after, _ in pairs for pack in (before, after) if pack is not None]
    return DifferenceView(
        place,
        place_name,
        heads,
        summaries,
        compared,
        {name: texts.get(said, said) for name, said in meanings_of(everything, packs).items()},
        len(everything) - shown,
    )


def _parts(found: Iterable[Difference], language: str) -> list[Part]:
    words = interface_words(language)
    by_part: dict[str, list[Difference]] = {}
    for one in found:
        by_part.setdefault(one.part, []).append(one)
    names = sorted(by_part, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    return [
        Part(
            words.gettext(_PARTS.get(name, f"{name.capitalize()}s")),
            list(dict.fromkeys(render_difference(one) for one in by_part[name])),
            [_side(one, language) for one in by_part[name]],
        )
        for name in names
    ]


def _side(one: Difference, language: str) -> Side:
    before, after = render_sides(one)
    title = law_texts(language).get(one.title, one.title) if one.title else ""
    what = title.rstrip(".") + (f" ({one.key})" if one.key else "")
    return Side(what, "" if one.part == "pack" else one.name, render_field(one), before, after)


def _whole(before: Pack | None, after: Pack | None, language: str) -> Part:
    """A pack that stands on one of the days only."""
    known = after or before
    assert known is not None
    words = interface_words(language)
    title = law_texts(language).get(known.title, known.title)
    in_force = words.gettext("in force")
    side = Side(title, known.code, "", "" if before is None else in_force, "" if after is None else in_force)
    said = (
        words.gettext("%(title)s (`%(code)s`) is new.")
        if before is None
        else words.gettext("%(title)s (`%(code)s`) is gone.")
    )
    return Part(words.gettext("The law as a whole"), [said % {"title": title, "code": known.code}], [side])
