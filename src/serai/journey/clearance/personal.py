"""Where people are cut out of a document: their fields go to the vault, the rest may be kept and replayed."""

from collections.abc import Sequence
from typing import Any

import msgspec

from serai.formats.decoded import Document
from serai.model.documents import PERSON_ROLES, Consignment, Person

_ENCODER = msgspec.json.Encoder()
_PLACEHOLDERS: dict[str, Person] = {}


class Cut(msgspec.Struct, frozen=True, gc=False):
    """A document without its people. people: role (place in PERSON_ROLES) and the JSON of the person."""

    message: bytes
    people: list[tuple[int, bytes]]


def cut_people(documents: Sequence[Document]) -> list[Cut]:
    """Cut the people out of documents. Country alone stays with the message: the law's territory rests on
    recorded facts."""
    return [_cut_consignment(one) if isinstance(one, Consignment) else _cut_other(one) for one in documents]


def _cut_consignment(document: Consignment) -> Cut:
    encode = _ENCODER.encode
    people = [(0, encode(document.consignor)), (1, encode(document.consignee))]
    changes: dict[str, Any] = {
        "consignor": _placeholder(document.consignor.country_code),
        "consignee": _placeholder(document.consignee.country_code),
    }
    for place, role in _OTHER_ROLES:
        person = getattr(document, role)
        if person is not None:
            people.append((place, encode(person)))
            changes[role] = _placeholder(person.country_code)
    # Only the message is needed, so a copy is encoded and thrown away.
    return Cut(encode(msgspec.structs.replace(document, **changes)), people)


_OTHER_ROLES = tuple((place, role) for place, role in enumerate(PERSON_ROLES) if place > 1)


def _cut_other(document: Document) -> Cut:
    people = []
    changes: dict[str, Any] = {}
    for place, role in enumerate(PERSON_ROLES):
        person = getattr(document, role, None)
        if person is not None:
            people.append((place, _ENCODER.encode(person)))
            changes[role] = _placeholder(person.country_code)
    return Cut(_ENCODER.encode(msgspec.structs.replace(document, **changes) if changes else document), people)


def _placeholder(country_code: str) -> Person:
    person = _PLACEHOLDERS.get(country_code)
    if person is None:
        person = Person(country_code=country_code)
        if len(_PLACEHOLDERS) < 1_000:
            _PLACEHOLDERS[country_code] = person
    return person
