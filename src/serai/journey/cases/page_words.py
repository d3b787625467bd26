"""Words of the pages: statuses, countries, taxes, stories. Codes stay codes everywhere else."""

import itertools
from collections.abc import Iterable
from functools import cache

import msgspec
import pycountry

from serai.foundation.http.interface_words import interface_words
from serai.foundation.locales import territory_text
from serai.journey.decision.rules import SHOWN_LANES
from serai.journey.texts.law_texts import law_texts
from serai.law.pack import Pack
from serai.model.frames import STATUSES
from serai.model.languages import DEFAULT_LANGUAGE, read_texts


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A language's words. statuses, dues, units, documents, moments, tasks: by code; stories: of the demo's
    parcels, by number.

    without_law: what is added to the status of a parcel for which no law is loaded.
    """

    statuses: dict[str, str]
    dues: dict[str, str]
    units: dict[str, str]
    documents: dict[str, str]
    moments: dict[str, str]
    tasks: dict[str, str]
    stories: dict[str, str]
    without_law: str


@cache
def words_of(language: str) -> Words:
    """Return the words of a language; English where there is no translation."""
    return read_texts("serai.journey.cases", "pages", language, Words)


def status_word(status: int, language: str = "en") -> str:
    """Return what a status is called. status: place in STATUSES."""
    return words_of(language).statuses[STATUSES[status]]


def status_colour(status: int, lane: int) -> str:
    """Return the lane whose colour a status wears: its own, but who waits for money waits. lane: place in
    SHOWN_LANES."""
    return "await" if STATUSES[status] == "payment-due" else SHOWN_LANES[lane]


def country_name(code: str, language: str = DEFAULT_LANGUAGE) -> str:
    """Return the name of a country in a language; a code that is none stays as it is."""
    known = None if language == DEFAULT_LANGUAGE else territory_text(code, language)
    return known or _country_names().get(code) or code or interface_words(language).gettext("not stated")


@cache
def _country_names() -> dict[str, str]:
    # Not a name at a time: anybody may write a code, and what is cached by it would never end.
    return {
        one.alpha_2: str(getattr(one, "common_name", one.name)).partition(",")[0]
        for one in pycountry.countries
    }


def tax_titles(packs: Iterable[Pack], language: str) -> dict[tuple[str, str, str], str]:
    """Return the plainest title of each tax type as the packs call it, by type, currency and where due.

    language: of the titles, where somebody has translated them.

    Where due counts: a tax due with the sale must not be called the one "on import".
    """
    titles: dict[tuple[str, str, str], str] = {}
    packs = list(packs)
    # A layer without a currency speaks in that of whichever base law it lies over.
    of_bases = {pack.currency for pack in packs if pack.currency is not None}
    for pack in packs:
        for charge in pack.charges:
            if charge.kind == "claim":
                continue
            dues = [charge.due] if isinstance(charge.due, str) else [row.code for row in charge.due]
            currency = charge.currency or pack.currency
            currencies = of_bases if currency is None else {currency}
            for due, rendered in itertools.product(dues, currencies):
                key = (charge.tax_type_code, rendered, due)
                if len(charge.title) < len(titles.get(key, charge.title + " ")):
                    titles[key] = charge.title
    translated = law_texts(language)
    return {key: translated.get(title, title) for key, title in titles.items()}
