"""Where people are cut out of a document: their fields go to the vault, the rest may be kept and replayed."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter

import msgspec

from serai.formats.decoded import Document
from serai.model.documents import CARRIER_PLACE, PERSON_ROLES, Consignment, Person

_ENCODER = msgspec.json.Encoder()
_KEYS = tuple(f'"{role}":'.encode() for role in PERSON_ROLES)
_OWN_ROLES = PERSON_ROLES[:-1]
_ALL_OWN_ROLES = attrgetter(*_OWN_ROLES)
assert PERSON_ROLES[-1] == CARRIER_PLACE[-1], "all but the carrier are fields of the document itself"


class Cut(msgspec.Struct, frozen=True, gc=False):
    """A document without its people. people: role (place in PERSON_ROLES) and the JSON of the person."""

    message: bytes
    people: list[tuple[int, bytes]]


def cut_people(documents: Sequence[Document], contents: Sequence[bytes]) -> list[Cut]:
    """Cut the people out of documents. contents: their canonical bytes.

    Country alone stays with the message: the law's territory rests on recorded facts.
    """
    return [_cut(document, content) for document, content in zip(documents, contents, strict=True)]


def _cut(document: Document, content: bytes) -> Cut:
    """Take each person's own JSON out of the document's.

    A role's name before an unescaped brace stands nowhere else: inside text every quote is escaped.
    """
    people = []
    for place, person in enumerate(_people_of(document)):
        if person is not None:
            own = _ENCODER.encode(person)
            people.append((place, own))
            key = _KEYS[place]
            content = content.replace(key + own, key + _placeholder(person.country_code), 1)
    return Cut(content, people)


def _people_of(document: Document) -> Sequence[Person | None]:
    if isinstance(document, Consignment):
        own: Sequence[Person | None] = _ALL_OWN_ROLES(document)
        return own if document.detail is None else (*own, document.detail.carrier)
    return [getattr(document, role, None) for role in _OWN_ROLES]


def put_people(document: Consignment, people: Mapping[str, Person]) -> Consignment:
    """Return a declaration with its people, by role, in the places they were cut out of."""
    own = {role: person for role, person in people.items() if role in _OWN_ROLES}
    carrier = people.get("carrier")
    if carrier is not None and document.detail is not None:
        detail = msgspec.structs.replace(document.detail, carrier=carrier)
        return msgspec.structs.replace(document, detail=detail, **own)
    return msgspec.structs.replace(document, **own)


@lru_cache(maxsize=1_000)
def _placeholder(country_code: str) -> bytes:
    return _ENCODER.encode(Person(country_code=country_code))
