"""What can be told of an address by itself: what is missing, a postcode of another form, what was only filled
in.

Personal data is looked at in passing; nothing of it leaves but a flag.
"""

import re
from collections.abc import Sequence
from importlib.resources import files
from operator import attrgetter
from typing import Final

import msgspec
import numpy as np

from serai.journey.advise.quality.level import Level, flags_where
from serai.model.columns import Coded, Flags
from serai.model.documents import Consignment, Person


class _Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    postcodes: dict[str, str]
    fillers: frozenset[str]


_FORMS: Final = msgspec.yaml.decode(
    (files("serai.journey.advise.quality") / "address_forms.yaml").read_bytes(), type=_Forms
)
_MATCH: Final = {
    country: re.compile(pattern, re.ASCII | re.IGNORECASE).fullmatch
    for country, pattern in _FORMS.postcodes.items()
}
_FILLERS: Final = _FORMS.fillers
_CONSIGNEE, _CONSIGNOR = attrgetter("consignee"), attrgetter("consignor")
_ADDRESS = attrgetter("name", "street", "city", "postcode", "country_code")


def mark_addresses(documents: Sequence[Consignment], dispatch: Coded, level: Level) -> None:
    """Mark the checks of consignee and consignor. dispatch: country of dispatch of each document."""
    names, streets, cities, postcodes, countries = _columns(list(map(_CONSIGNEE, documents)))
    level.mark("address-incomplete", ~(flags_where(streets) & flags_where(cities)))
    has_postcode = flags_where(postcodes)
    has_form = np.array([country in _MATCH for country in countries], dtype=np.bool_)
    level.mark("postcode-missing", ~has_postcode, has_form)
    level.mark("postcode-malformed", _misfits(postcodes, countries), has_postcode & has_form)
    own_names, own_streets, own_cities, _, own_countries = _columns(list(map(_CONSIGNOR, documents)))
    level.mark("consignor-incomplete", ~(flags_where(own_streets) & flags_where(own_cities)))
    filled_in = np.zeros(len(documents), dtype=np.bool_)
    for texts in (names, streets, cities, own_names, own_streets, own_cities):
        filled_in |= _fillers(texts)
    filled_in |= np.array([city is not None and city.isdigit() for city in cities], dtype=np.bool_)
    level.mark("address-filled-in", filled_in)
    elsewhere = [a is not None and a != b for a, b in zip(dispatch.texts(), own_countries, strict=True)]
    level.mark("consignor-elsewhere", np.array(elsewhere, dtype=np.bool_), dispatch.codes >= 0)


def filled_in_place(document: Consignment) -> str:
    """Return where a name or an address of a document was only filled in: the first such place."""
    for role, person in (("consignee", document.consignee), ("consignor", document.consignor)):
        for name in ("name", "street", "city"):
            text = getattr(person, name)
            is_number = role == "consignee" and name == "city" and text is not None and text.isdigit()
            if is_number or _fillers([text])[0]:
                return f"/{role}/{name}"
    return "/consignee"


def _columns(people: Sequence[Person]) -> list[tuple[str | None, ...]]:
    return list(zip(*map(_ADDRESS, people), strict=True)) if people else [()] * 5


def _misfits(postcodes: Sequence[str | None], countries: Sequence[str | None]) -> Flags:
    """Say which postcodes have not the form of their country; of a country without a form none."""
    match = _MATCH
    return np.array(
        [
            code is not None and country in match and match[country](code.strip()) is None
            for code, country in zip(postcodes, countries, strict=True)
        ],
        dtype=np.bool_,
    )


def _fillers(texts: Sequence[str | None]) -> Flags:
    # The longest filler has thirteen signs: longer text need not be brought into lower case.
    return np.array(
        [text is not None and len(text) <= _LONGEST and text.strip().lower() in _FILLERS for text in texts],
        dtype=np.bool_,
    )


_LONGEST: Final = max(map(len, _FILLERS)) + 4
