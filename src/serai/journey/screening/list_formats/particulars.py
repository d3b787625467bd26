"""Particulars that publishers write in many ways: years of birth, countries, numbers."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import pycountry

from serai.model.code_lists import COUNTRY_CODES
from serai.model.names.normalised import normalise_name

Years = tuple[tuple[int, int], ...]

_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
_SPAN = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)\s*(?:to|-|\u2013|and)\s*(1[89]\d\d|20\d\d)(?!\d)")
_NUMBER_LENGTH_MIN: Final = 4
# Names of countries that lists write and ISO 3166 does not.
_WRITTEN_OTHERWISE: Final = {
    "russia": "RU",
    "iran": "IR",
    "syria": "SY",
    "north korea": "KP",
    "dprk": "KP",
    "democratic people s republic of korea": "KP",
    "south korea": "KR",
    "republic of korea": "KR",
    "korea north": "KP",
    "korea south": "KR",
    "venezuela": "VE",
    "bolivia": "BO",
    "tanzania": "TZ",
    "united republic of tanzania": "TZ",
    "turkey": "TR",
    "turkiye": "TR",
    "ivory coast": "CI",
    "cote d ivoire": "CI",
    "congo democratic republic of the": "CD",
    "democratic republic of the congo": "CD",
    "drc": "CD",
    "zaire": "CD",
    "republic of the congo": "CG",
    "vietnam": "VN",
    "laos": "LA",
    "moldova": "MD",
    "burma": "MM",
    "palestinian": "PS",
    "palestine": "PS",
    "kosovo": "XK",
    "taiwan": "TW",
    "brunei": "BN",
    "macau": "MO",
    "swaziland": "SZ",
    "united kingdom": "GB",
    "uk": "GB",
    "great britain": "GB",
    "usa": "US",
    "united states of america": "US",
    "the gambia": "GM",
    "gambia": "GM",
    "cape verde": "CV",
    "czech republic": "CZ",
    "macedonia": "MK",
    "libyan arab jamahiriya": "LY",
    "syrian": "SY",
    "russian federation": "RU",
    "iran islamic republic of": "IR",
}


def years_of(texts: Iterable[str]) -> Years:
    """Return the years that dates of birth name, each as a span of first and last."""
    found: dict[tuple[int, int], None] = {}
    for text in texts:
        spans = [(int(first), int(last)) for first, last in _SPAN.findall(text)]
        found.update(dict.fromkeys((min(span), max(span)) for span in spans))
        rest = _SPAN.sub(" ", text)
        found.update(dict.fromkeys((int(year), int(year)) for year in _YEAR.findall(rest)))
    return tuple(found)


def countries_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the ISO 3166 codes of countries by code or name; what is neither is left out."""
    return tuple(dict.fromkeys(code for text in texts if (code := _country_of(text))))


def numbers_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return identity numbers, letters and digits alone."""
    plain = ("".join(sign for sign in text.upper() if sign.isalnum()) for text in texts)
    return tuple(
        dict.fromkeys(
            one for one in plain if len(one) >= _NUMBER_LENGTH_MIN and any(sign.isdigit() for sign in one)
        )
    )


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Return texts without blanks at their ends or doubled ones, each once, empty ones left out."""
    return tuple(dict.fromkeys(kept for text in texts if (kept := " ".join(text.split()))))


@lru_cache(maxsize=4_096)
def _country_of(text: str) -> str:
    plain = text.strip()
    if plain.upper() in COUNTRY_CODES:
        return plain.upper()
    name = normalise_name(plain)
    if not name:
        return ""
    return _WRITTEN_OTHERWISE.get(name) or _names_of_countries().get(name, "")


@lru_cache(maxsize=1)
def _names_of_countries() -> dict[str, str]:
    names: dict[str, str] = {}
    for one in pycountry.countries:
        for attribute in ("name", "official_name", "common_name"):
            said = getattr(one, attribute, None)
            if said:
                names[normalise_name(said)] = one.alpha_2
    return names
