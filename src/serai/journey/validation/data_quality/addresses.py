"""What can be told of an address by itself: what is missing, a postcode of another form, what was only filled
in.

Personal data is looked at in passing; nothing of it leaves but a flag.
"""

import re
from importlib.resources import files
from typing import Final

import msgspec
import numpy as np

from serai.journey.validation.data_quality.level import Level
from serai.journey.validation.fields import DocumentFields, StructFields
from serai.model.columns import Coded, Flags
from serai.model.documents import Consignment


class _Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    postcodes: dict[str, str]
    fillers: frozenset[str]


_FORMS: Final = msgspec.yaml.decode(
    (files("serai.journey.validation.data_quality") / "address_forms.yaml").read_bytes(), type=_Forms
)
_MATCH: Final = {
    country: re.compile(pattern, re.ASCII | re.IGNORECASE).fullmatch
    for country, pattern in _FORMS.postcodes.items()
}
_FILLERS: Final = _FORMS.fillers


def mark_addresses(documents: DocumentFields, dispatch: Coded, level: Level) -> None:
    """Mark the checks of consignee and consignor. dispatch: country of dispatch of each document."""
    found = [documents.people(role) for role in ("consignee", "consignor")]
    consignee, consignor = (StructFields(()) if one is None else one[1] for one in found)
    level.mark("address-incomplete", ~(consignee.is_given("street") & consignee.is_given("city")))
    has_postcode = consignee.is_given("postcode")
    country = consignee.words("country_code")
    has_form = country.map_flags([word in _MATCH for word in country.words])
    level.mark("postcode-missing", ~has_postcode, has_form)
    is_misfit = _misfits(consignee.words("postcode"), country, has_postcode & has_form)
    level.mark("postcode-malformed", is_misfit, has_postcode & has_form)
    level.mark("consignor-incomplete", ~(consignor.is_given("street") & consignor.is_given("city")))
    filled_in = np.zeros(documents.count, dtype=np.bool_)
    for fields in (consignee, consignor):
        for name in ("name", "street", "city"):
            texts = fields.words(name)
            filled_in |= texts.map_flags([_is_filler(word) for word in texts.words])
    cities = consignee.words("city")
    filled_in |= cities.map_flags([word.isdigit() for word in cities.words])
    level.mark("address-filled-in", filled_in)
    own = consignor.words("country_code")
    # Numbers of the words of one column in those of the other; -2: it is not among them.
    place = {word: number for number, word in enumerate(own.words)}
    same = np.array([*(place.get(word, -2) for word in dispatch.words), -2], dtype=np.int64)
    level.mark("consignor-elsewhere", same[dispatch.codes] != own.codes, dispatch.codes >= 0)


def filled_in_place(document: Consignment) -> str:
    """Return where a name or an address of a document was only filled in: the first such place."""
    for role, person in (("consignee", document.consignee), ("consignor", document.consignor)):
        for name in ("name", "street", "city"):
            text = getattr(person, name)
            is_number = role == "consignee" and name == "city" and text is not None and text.isdigit()
            if is_number or _is_filler(text):
                return f"/{role}/{name}"
    return "/consignee"


def _misfits(postcode: Coded, country: Coded, asked: Flags) -> Flags:
    """Say which postcodes have not the form of their country, among those asked."""
    misfits = np.zeros(len(asked), dtype=np.bool_)
    known: dict[tuple[int, int], bool] = {}
    rows = np.flatnonzero(asked)
    keys = zip(postcode.codes[rows].tolist(), country.codes[rows].tolist(), strict=True)
    for row, key in zip(rows.tolist(), keys, strict=True):
        is_misfit = known.get(key)
        if is_misfit is None:
            code, place = key
            is_misfit = known[key] = _MATCH[country.words[place]](postcode.words[code].strip()) is None
        misfits[row] = is_misfit
    return misfits


def _is_filler(text: str | None) -> bool:
    # The longest filler has thirteen signs: longer text need not be brought into lower case.
    return text is not None and len(text) <= _LONGEST and text.strip().lower() in _FILLERS


_LONGEST: Final = max(map(len, _FILLERS)) + 4
