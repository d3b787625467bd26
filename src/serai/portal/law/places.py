"""Places whose law can be looked at: countries, and unions of them that have law of their own."""

import datetime as dt
import unicodedata
from functools import cache
from typing import NamedTuple

import pycountry

from serai.foundation.http.interface_words import interface_words, translatable
from serai.journey.cases.page_words import country_name
from serai.law.book import EVERYWHERE, LawBook, LoadedPack, country_of
from serai.law.tariff import day_number
from serai.law.territory import Territory
from serai.model.errors import SeraiError
from serai.model.languages import DEFAULT_LANGUAGE

_NAMES = {
    "EU": translatable("European Union"),
    "EAEU": translatable("Eurasian Economic Union"),
    "EAC": translatable("East African Community"),
    "ECOWAS": translatable("West African States (ECOWAS)"),
    "XI": translatable("Northern Ireland"),
    EVERYWHERE: translatable("Everywhere"),
}
"""Names of jurisdictions that are no country."""
ITSELF = "-"
"""A region that no table names: the country itself and none of its special territories."""


class Place(NamedTuple):
    """A country or union. packs: all that may govern there, of any day and status. union: that it is in, by
    code. parts: its addresses under other customs or tax law.
    """

    code: str
    name: str
    packs: list[LoadedPack]
    union: str | None
    parts: list[Territory]


def place_name(code: str, language: str = DEFAULT_LANGUAGE) -> str:
    """Return the name of a jurisdiction or country."""
    name = _NAMES.get(code)
    return interface_words(language).gettext(name) if name else country_name(code, language)


def countries_with_law(book: LawBook, on: dt.date, language: str = DEFAULT_LANGUAGE) -> list[tuple[str, str]]:
    """Return code and name of each country where a law stands on a day, by name."""
    found = []
    for code in book.territories.countries():
        territory = book.territories.find(code, ITSELF, None, day_number(on))
        if territory is not None and _bases_on(book, territory, on):
            # What ISO 3166 does not name, the table of territories does.
            name = country_name(code, language)
            found.append((code, name if name != code else territory.name.partition(":")[0]))
    return sorted(found, key=_by_name)


def _by_name(one: tuple[str, str]) -> str:
    """Sort letters with marks beside those without."""
    return unicodedata.normalize("NFKD", one[1]).casefold()


def _bases_on(book: LawBook, territory: Territory, on: dt.date) -> bool:
    places = (territory.customs_territory_code, territory.tax_territory_code)
    return any(book.codes_on(*places, channel, day_number(on)) for channel in ("post", "express"))


def find_place(book: LawBook, code: str, on: dt.date, language: str = DEFAULT_LANGUAGE) -> Place:
    """Return a place by the code of a country or jurisdiction. Raises SeraiError `not-found`."""
    own = [one for one in book.packs.values() if one.pack.jurisdiction == code]
    territory = (
        book.territories.find(code, ITSELF, None, day_number(on))
        if code in book.territories.countries()
        else None
    )
    if territory is None:
        if not own or code == EVERYWHERE:
            raise SeraiError(
                "not-found", "No law of this place is known here.", "Choose a place on the page /law."
            )
        return Place(code, place_name(code, language), own, None, [])
    customs, country = territory.customs_territory_code, country_of(territory.tax_territory_code)
    packs = [one for one in book.packs.values() if one.pack.jurisdiction in (customs, country)]
    union = customs if customs != country else None
    parts = [
        one
        for one in book.territories.of_country(code)
        if one is not territory and one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
    ]
    return Place(code, place_name(code, language), packs, union, parts)


def places_with_law(book: LawBook, language: str = DEFAULT_LANGUAGE) -> list[tuple[str, str]]:
    """Return code and name of each place whose law can be looked at on some day, by name."""
    codes = {one.pack.jurisdiction for one in book.packs.values()} - {EVERYWHERE}
    for code in book.territories.countries():
        rows = book.territories.of_country(code)
        if any(row.customs_territory_code in codes for row in rows if not row.postcode_pattern):
            codes.add(code)
    return sorted(((code, place_name(code, language)) for code in codes), key=_by_name)


def members_of(
    book: LawBook, union: str, on: dt.date, language: str = DEFAULT_LANGUAGE
) -> list[tuple[str, str]]:
    """Return code and name of the countries of a union, by name; none where the code is no union's."""
    if union in book.territories.countries():
        return []
    found = []
    for code in book.territories.countries():
        territory = book.territories.find(code, ITSELF, None, day_number(on))
        if territory is not None and territory.customs_territory_code == union:
            found.append((code, country_name(code, language)))
    return sorted(found, key=_by_name)


@cache
def all_countries(language: str) -> list[tuple[str, str]]:
    """Return code and name of every country, by name."""
    codes = (country.alpha_2 for country in pycountry.countries)
    return sorted(((code, country_name(code, language)) for code in codes), key=_by_name)
