"""What nothing reads of a message of a standard: kept as it was sent, with its way from the document."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from serai.model.documents import Person, Remark

_TEXT_CHARACTERS_MAX = 1_000
_WAY_CHARACTERS_MAX = 200
_Document = TypeVar("_Document", bound=msgspec.Struct)


class Kept(msgspec.Struct, frozen=True):
    """An element nothing reads. way: from the document, such as OrderHead/extra. is_xml: text is an element
    with all below it.
    """

    way: str
    text: str
    is_xml: bool = False


def is_fitting(one: Kept) -> bool:
    """Say whether an element can stand among the remarks of a person."""
    return 0 < len(one.text) <= _TEXT_CHARACTERS_MAX and 0 < len(one.way) <= _WAY_CHARACTERS_MAX


def with_remarks(document: _Document, role: str, kept: Sequence[Kept]) -> _Document:
    """Return a document with fitting elements among the remarks of the person it has in a role.

    An element that nobody foresaw may tell of a person, so it goes to the vault with one, never into the
    open.
    """
    person: Person = getattr(document, role)
    remarks = [*person.remarks, *(Remark(one.text, element=one.way) for one in kept)]
    return msgspec.structs.replace(document, **{role: msgspec.structs.replace(person, remarks=remarks)})
