"""By which numbers an event finds its case: what its identifiers are called in declarations and carriage.

An SSCC, a consignment number (GINC) or any number at the end of another URI may be a house document or a
transport unit; a shipment number (GSIN) is a UCR; a business transaction of type po is an order. Only numbers
that a declaration or a unit really carries join anything, and whose events count is said by `standing.py`.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from serai.formats.epcis.event import Event
from serai.formats.epcis.event_filter import epcs_of
from serai.formats.epcis.identifiers import canonical_identifier
from serai.formats.epcis.tables import CODES

UCR, HOUSE, ORDER, UNIT = 1, 2, 3, 4
"""Kinds of key, as stored. The first three are the kinds of `match`, in the same words: a test compares."""

Key = tuple[int, str]
"""Kind, and scheme and number as they are hashed."""

_HOME: Final = "https://id.gs1.org/"
_KINDS_OF_GS1: Final = {
    "00": (HOUSE, UNIT),
    "401": (HOUSE, UNIT),
    "402": (UCR,),
    "8003": (UNIT,),
    "8004": (UNIT,),
}
_KINDS_OF_TRANSACTION: Final = {"po": (ORDER,), "bol": (HOUSE, UNIT)}
_SCHEMES: Final = {UCR: "ucr", HOUSE: "house", ORDER: "order", UNIT: "unit"}
_NUMBER_LETTERS_MAX: Final = 70


def keys_of(event: Event) -> list[Key]:
    """Return the keys of an event, each once."""
    keys = [key for uri in epcs_of(event) for key in keys_of_thing(uri)]
    for one in event.biz_transactions:
        keys += keys_of_transaction(one.id, one.type_code)
    return list(dict.fromkeys(keys))


def keys_of_thing(uri: str) -> list[Key]:
    """Return the keys of a single thing: parcel, bag, pallet. Goods (GTIN with serial) have none."""
    found = _keys_of_gs1(uri)
    return _keys((HOUSE, UNIT), _last_part(uri)) if found is None else found


def keys_of_transaction(uri: str, type_code: str | None) -> list[Key]:
    """Return the keys of a business transaction. type_code: short for one of the vocabulary, or a URI."""
    found = _keys_of_gs1(uri)
    if found:
        return found
    if type_code is not None and type_code in CODES["bizTransaction-type"]:
        return _keys(_KINDS_OF_TRANSACTION.get(type_code, ()), _last_part(uri))
    return _keys((UCR, HOUSE, ORDER), _last_part(uri))


def unit_keys(numbers: Iterable[str]) -> list[Key]:
    """Return the keys of transport units."""
    return [key for number in numbers for key in _keys((UNIT,), number)]


def house_keys(numbers: Iterable[str]) -> list[Key]:
    """Return the keys of house documents."""
    return [key for number in numbers for key in _keys((HOUSE,), number)]


def number_of(uri: str) -> str:
    """Return the number of a thing as declarations and carriage write it."""
    link = canonical_identifier(uri)
    if link.startswith(_HOME):
        return unquote(link.removeprefix(_HOME).partition("/")[2].partition("/")[0])
    return _last_part(uri)


def _keys_of_gs1(uri: str) -> list[Key] | None:
    """Return the keys of a GS1 number, perhaps none; None for any other URI."""
    link = canonical_identifier(uri)
    if not link.startswith(_HOME):
        return None
    key = link.removeprefix(_HOME).partition("/")[0]
    return _keys(_KINDS_OF_GS1.get(key, ()), number_of(uri))


def _keys(kinds: Iterable[int], number: str) -> list[Key]:
    if not 0 < len(number) <= _NUMBER_LETTERS_MAX:
        return []
    return [(kind, f"{_SCHEMES[kind]}||{number}") for kind in kinds]


def _last_part(uri: str) -> str:
    """Return what stands behind the last slash, colon or hash of a URI."""
    end = max(uri.rfind(mark) for mark in "/:#")
    return unquote(uri[end + 1 :].partition("?")[0])
