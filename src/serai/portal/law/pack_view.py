"""A pack as the pages of the law show it: how it stands on a day, how sure we are, its figures in words."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

import msgspec

from serai.foundation.http.interface_words import interface_words, translatable
from serai.journey.texts.law_texts import law_texts
from serai.law.book import LoadedPack, is_in_force, unconfirmed_since
from serai.law.pack import Charge, Pack, Source
from serai.portal.law.figures import LawFigure, figures_on, limit_names

SURENESS = {
    "sourced": translatable("Every figure from a cited source"),
    "partly": translatable("Partly unsure: part of it is not based on a text of law that was read"),
    "from-general-knowledge": translatable("Unsure: from general knowledge, not read in a text of law"),
}
"""What the confidence of a pack or a source means, in words."""
SURENESS_WORDS = {
    "sourced": translatable("Sourced"),
    "partly": translatable("Partly unsure"),
    "from-general-knowledge": translatable("Unsure"),
}
LAYER_WORDS = (
    translatable("Common"),
    translatable("Duty"),
    translatable("Fee"),
    translatable("Restricted"),
    translatable("Screening"),
    translatable("Tariff"),
    translatable("Tax rates"),
)
"""Layers of the shipped packs, as pages say them; another is said by its own name."""
_DOUBTS = ("sourced", "partly", "from-general-knowledge")


class PackView(msgspec.Struct, frozen=True):
    """A pack. state: in force, suspended, planned, draft, ended, not yet or known later. summary: the title
    without the place. figures: limits first, as they stand on the day. exceptions: to charges, in words.
    verified_until: the last day on which a source shows it in force; unconfirmed_since: the same where the
    pack is applied later.
    """

    code: str
    title: str
    summary: str
    jurisdiction: str
    layer: str
    state: str
    valid_from: dt.date
    valid_to: dt.date | None
    verified_until: dt.date | None
    unconfirmed_since: dt.date | None
    currency: str
    channels: list[str]
    confidence: str
    content_hash: str
    sources: list[Source]
    open_questions: list[str]
    figures: list[LawFigure]
    exceptions: list[str]

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force."""
        return None if self.valid_to is None else self.valid_to - dt.timedelta(days=1)

    @property
    def is_base(self) -> bool:
        """Whether it stands alone; every other layer lies over a base."""
        return self.layer == "base"

    @property
    def is_unsure(self) -> bool:
        """Whether something in it rests on no source."""
        return self.confidence != "sourced"

    @property
    def sureness(self) -> str:
        """How sure we are of it, in words."""
        return SURENESS[self.confidence]

    @property
    def sureness_word(self) -> str:
        """The same in a word or two."""
        return SURENESS_WORDS[self.confidence]


def view_packs(
    packs: Iterable[LoadedPack], on: dt.date, language: str, key: str | None = None
) -> list[PackView]:
    """Return the packs of a place on a day, what is in force first, laws that stand alone before what lies
    over them.

    key: a country, whose values alone are told where a parameter has one for each. language: of titles,
    meanings and figures.
    """
    known = list(packs)
    limits = limit_names(one.pack for one in known)
    return sorted((_view(one, on, limits, key, language) for one in known), key=_order)


def _view(one: LoadedPack, on: dt.date, limits: frozenset[str], key: str | None, language: str) -> PackView:
    pack, texts = one.pack, law_texts(language)
    return PackView(
        pack.code,
        texts.get(pack.title, pack.title),
        summary_of(pack, language),
        pack.jurisdiction,
        pack.layer.replace("_", " "),
        state_on(pack, on),
        pack.valid_from,
        pack.valid_to,
        pack.verified_until,
        unconfirmed_since([pack], on) if is_in_force(pack, on) else None,
        pack.currency or "",
        list(pack.channels),
        pack.confidence,
        one.content_hash,
        list(pack.sources.values()),
        [texts.get(one, one) for one in pack.open_questions],
        figures_on(pack, on, limits, language, key),
        [sentence for charge in pack.charges for sentence in _exceptions_to(charge, pack, language)],
    )


def _exceptions_to(charge: Charge, pack: Pack, language: str) -> Iterator[str]:
    texts, words = law_texts(language), interface_words(language)
    meanings = {one.name: one.meaning for one in pack.definitions}
    said = words.gettext("%(charge)s: unless %(condition)s (%(law_ref)s).")
    for one in charge.unless:
        meaning = one.meaning or meanings.get(one.when)
        told = texts.get(meaning, meaning).rstrip(".") if meaning else f"`{one.when}`"
        condition = f"{told[:1].lower()}{told[1:]}"
        title = texts.get(charge.title, charge.title)
        yield said % {"charge": title, "condition": condition, "law_ref": one.law_ref}


def summary_of(pack: Pack, language: str) -> str:
    """Return what a title says of the law; the place before the colon is told elsewhere."""
    title = law_texts(language).get(pack.title, pack.title)
    place, said = re.split(r"\s?[:：]\s*", title, maxsplit=1) if re.search("[:：]", title) else ("", "")  # noqa: RUF001
    summary = _together(said if place else title)
    return summary[:1].upper() + summary[1:]


def _together(text: str) -> str:
    """Keep an amount and its currency, a rate and its sign, on one line."""
    return re.sub(r"\b([A-Z]{3}) (?=\d)", "\\1\u00a0", text).replace(" %", "\u00a0%")


def least_sure(packs: Iterable[PackView]) -> str:
    """Return the confidence of what is least sure among packs."""
    return max((pack.confidence for pack in packs), key=_DOUBTS.index, default="sourced")


def next_change(packs: Iterable[PackView], on: dt.date) -> tuple[dt.date, PackView] | None:
    """Return the first known day after `on` on which a law begins or ends, and what begins (or else ends)."""
    edges = [
        (edge, edge == pack.valid_to, pack.code, pack)
        for pack in packs
        for edge in (pack.valid_from, pack.valid_to)
        if edge is not None and edge > on
    ]
    if not edges:
        return None
    day, _, _, pack = min(edges)
    return day, pack


_ORDER = ("in force", "suspended", "not yet", "known later", "planned", "draft", "ended")


def _order(pack: PackView) -> tuple[int, bool, dt.date, str]:
    return _ORDER.index(pack.state), not pack.is_base, pack.valid_from, pack.code


def state_on(pack: Pack, on: dt.date) -> str:
    """Return how a pack stands on a day."""
    if pack.status in ("planned", "draft"):
        return pack.status
    if is_in_force(pack, on):
        return "in force"
    if on < pack.valid_from:
        return "not yet"
    if pack.known_from is not None and on < pack.known_from and (pack.valid_to is None or on < pack.valid_to):
        return "known later"
    return "ended" if pack.valid_to is not None and on >= pack.valid_to else "suspended"
