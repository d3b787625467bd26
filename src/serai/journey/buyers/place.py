"""What a buyer types to be told from a stranger: the number of an order or parcel, and the postcode."""

import msgspec

from serai.journey.matching.rules import HOUSE_DOCUMENT, ORDER, UCR, house_key

RECEIVING = frozenset({"buyer", "consignee", "importer"})
"""Roles whose address may be the buyer's."""


class _Address(msgspec.Struct, frozen=True):
    postcode: str = ""
    city: str = ""


_DECODER = msgspec.json.Decoder(_Address)


def keys_of_number(number: str) -> list[tuple[int, str]]:
    """Return kind and text of the match keys that a typed number may be: as typed, in capitals without
    blanks, and bare of all but letters and digits. As many whatever is typed."""
    typed = " ".join(number.split())
    forms = (typed, "".join(typed.split()).upper(), plain(typed))
    return [
        key
        for form in forms
        for key in ((HOUSE_DOCUMENT, house_key(form)), (ORDER, f"order||{form}"), (UCR, f"ucr||{form}"))
    ]


def plain(text: str) -> str:
    """Return the letters and digits of a number or postcode, in capitals."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def lives_there(person: bytes, typed: str) -> bool:
    """Say whether a person's postcode is the one that was typed; of an address without one the town.
    person: JSON."""
    address = _DECODER.decode(person)
    held = plain(address.postcode) or plain(address.city)
    return bool(held) and held == plain(typed)
