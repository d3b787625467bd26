"""Who was asked for, with the entry of a list in the wording it has: one keyed pseudonym of both.

A name alone is nobody: a verdict on it would clear all who bear it. So a person is a number of identity, else
a name at an address, else the party of this one document. Without the key nothing is told; with it nothing
but a guess can be tried, so an erasure takes the pseudonym, too.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.model.names.addresses import street_words
from serai.model.names.normalised import normalise_name, sort_words

_SEPARATOR: Final = "\x1f"
_NUMBER_LENGTH_MIN: Final = 5


class PersonAsked(msgspec.Struct, frozen=True):
    """What of a person on a document says who it is, as written; None: not stated."""

    name: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country_code: str | None = None
    identity_number: str | None = None
    party_identifier: str | None = None


class Pair(msgspec.Struct, frozen=True):
    """A person asked for, on whose document, and the entry in its wording (`entry_hash_of`)."""

    person: PersonAsked
    consignment_id: int
    list_code: str
    entry_id: str
    entry_hash: bytes


def pair_hashes(pseudonymiser: Pseudonymiser, pairs: Sequence[Pair]) -> list[bytes]:
    """Return the pseudonym of each pair. Raises VaultError `pseudonym-key-missing`."""
    return pseudonymiser.pseudonyms(Purpose.SCREENING, map(_written, pairs))


def _written(pair: Pair) -> bytes:
    parts = [*_person(pair.person, pair.consignment_id), pair.list_code, pair.entry_id, pair.entry_hash.hex()]
    return _SEPARATOR.join(parts).encode()


def _person(person: PersonAsked, consignment_id: int) -> list[str]:
    name = sort_words(normalise_name(person.name or ""))
    country = person.country_code or ""
    number = "".join(filter(str.isalnum, person.identity_number or person.party_identifier or "")).upper()
    if len(number) >= _NUMBER_LENGTH_MIN:
        return ["number", name, country, number]
    street = " ".join(sorted(street_words([person.street or ""])[0]))
    # A postcode says which town it is; towns are written in many ways.
    town = "".join(filter(str.isalnum, person.postcode or "")).upper() or (person.city or "").casefold()
    if street and town:
        return ["address", name, country, town, street]
    return ["document", name, country, str(consignment_id)]
