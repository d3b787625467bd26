"""The law in force for everybody: a card for each territory, as it stands on a day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from serai.law.book import EVERYWHERE, LoadedPack
from serai.portal.law.pack_view import SURENESS_WORDS, PackView, least_sure, next_change, view_packs
from serai.portal.law.places import place_name


class TerritoryView(msgspec.Struct, frozen=True):
    """The packs of one territory: those in force first, then what comes and what has been."""

    code: str
    title: str
    packs: list[PackView]

    @property
    def in_force(self) -> list[PackView]:
        """What governs on the day: laws that stand alone, then what lies over them."""
        return [pack for pack in self.packs if pack.state == "in force"]

    @property
    def in_force_count(self) -> int:
        """How many apply on the day."""
        return len(self.in_force)

    @property
    def headlines(self) -> list[PackView]:
        """What says in a line what governs: laws that stand alone, or all there is where none does."""
        bases = [pack for pack in self.in_force if pack.is_base]
        return bases or self.in_force

    @property
    def confidence(self) -> str:
        """Of what is least sure among what governs."""
        return least_sure(self.in_force)

    @property
    def sureness_word(self) -> str:
        """How sure we are of it, in a word or two."""
        return SURENESS_WORDS[self.confidence]

    @property
    def unconfirmed_since(self) -> dt.date | None:
        """The last day on which a source shows all that governs here in force, where that is past."""
        days = (pack.unconfirmed_since for pack in self.in_force)
        return min((day for day in days if day is not None), default=None)

    def next_change(self, on: dt.date) -> tuple[dt.date, PackView] | None:
        """Return the first known day after `on` on which a law begins or ends here, and that law."""
        return next_change(self.packs, on)


class LawView(msgspec.Struct, frozen=True):
    """All law this node knows. on: the day it is looked at; is_today: whether that is today."""

    on: dt.date
    generation: int
    territories: list[TerritoryView]
    is_today: bool = True

    @property
    def in_force_count(self) -> int:
        """How many packs apply on the day."""
        return sum(one.in_force_count for one in self.territories)

    @property
    def governed(self) -> list[TerritoryView]:
        """Territories where something is in force; what holds everywhere comes last."""
        return [one for one in self.territories if one.in_force_count]

    @property
    def others(self) -> list[TerritoryView]:
        """Territories of which only law of other days, plans or drafts are known."""
        return [one for one in self.territories if not one.in_force_count]


def view_law(
    packs: Iterable[LoadedPack], on: dt.date, today: dt.date, generation: int, language: str
) -> LawView:
    """Return the law as it stands on a day, in a language."""
    by_territory: dict[str, list[LoadedPack]] = defaultdict(list)
    for one in packs:
        by_territory[one.pack.jurisdiction].append(one)
    views = [
        TerritoryView(code, place_name(code, language), view_packs(found, on, language))
        for code, found in by_territory.items()
    ]
    views.sort(key=lambda one: (one.code == EVERYWHERE, one.title))
    return LawView(on, generation, views, on == today)
