"""The law in force, for everybody: packs by territory with their days, confidence and sources."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from serai.journey.follow.page_words import country_name
from serai.law.book import EVERYWHERE, LoadedPack, is_in_force
from serai.law.pack import Pack, Source


class PackView(msgspec.Struct, frozen=True):
    """A pack. state: in force, suspended, planned, draft, ended or not yet."""

    code: str
    title: str
    layer: str
    state: str
    valid_from: dt.date
    valid_to: dt.date | None
    currency: str
    channels: list[str]
    confidence: str
    content_hash: str
    sources: list[Source]
    open_questions: list[str]

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force."""
        return None if self.valid_to is None else self.valid_to - dt.timedelta(days=1)


class TerritoryView(msgspec.Struct, frozen=True):
    """The packs of one territory: those in force first, then what comes and what has been."""

    code: str
    title: str
    packs: list[PackView]

    @property
    def in_force_count(self) -> int:
        """How many apply today."""
        return sum(pack.state == "in force" for pack in self.packs)


class LawView(msgspec.Struct, frozen=True):
    """All law this node knows. on: the day it is looked at."""

    on: dt.date
    generation: int
    territories: list[TerritoryView]

    @property
    def in_force_count(self) -> int:
        """How many packs apply today."""
        return sum(one.in_force_count for one in self.territories)


_ORDER = ("in force", "suspended", "not yet", "planned", "draft", "ended")
_UNIONS = {"EU": "European Union", EVERYWHERE: "Everywhere"}


def view_law(packs: Iterable[LoadedPack], on: dt.date, generation: int) -> LawView:
    """Return the law as it stands on a day."""
    by_territory: dict[str, list[PackView]] = defaultdict(list)
    for one in packs:
        by_territory[one.pack.jurisdiction].append(_view(one, on))
    return LawView(
        on,
        generation,
        [
            TerritoryView(
                code,
                _UNIONS.get(code) or country_name(code),
                sorted(
                    found,
                    key=lambda pack: (
                        _ORDER.index(pack.state),
                        pack.layer != "base",
                        pack.valid_from,
                        pack.code,
                    ),
                ),
            )
            for code, found in sorted(by_territory.items(), key=lambda pair: (pair[0] == EVERYWHERE, pair[0]))
        ],
    )


def _view(one: LoadedPack, on: dt.date) -> PackView:
    pack = one.pack
    return PackView(
        pack.code,
        pack.title,
        pack.layer.replace("_", " "),
        state_on(pack, on),
        pack.valid_from,
        pack.valid_to,
        pack.currency or "",
        list(pack.channels),
        pack.confidence.replace("-", " "),
        one.content_hash,
        list(pack.sources.values()),
        list(pack.open_questions),
    )


def state_on(pack: Pack, on: dt.date) -> str:
    """Return how a pack stands on a day."""
    if pack.status in ("planned", "draft"):
        return pack.status
    if is_in_force(pack, on):
        return "in force"
    if on < pack.valid_from:
        return "not yet"
    return "ended" if pack.valid_to is not None and on >= pack.valid_to else "suspended"
