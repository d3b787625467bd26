"""Where people are cut out of a document: their fields go to the vault, the rest may be kept and replayed."""

from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter

import msgspec

from serai.formats.decoded import Document
from serai.model.documents import PERSON_ROLES, Consignment, Person

_ENCODER = msgspec.json.Encoder()
_KEYS = tuple(f'"{role}":'.encode() for role in PERSON_ROLES)
_ALL_ROLES = attrgetter(*PERSON_ROLES)


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
        return _ALL_ROLES(document)
    return [getattr(document, role, None) for role in PERSON_ROLES]


@lru_cache(maxsize=1_000)
def _placeholder(country_code: str) -> bytes:
    return _ENCODER.encode(Person(country_code=country_code))
