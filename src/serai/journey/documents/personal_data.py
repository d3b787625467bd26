"""Where people are cut out of a document: their fields go to the vault, the rest may be kept and replayed."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.formats.decoded import Document
from serai.formats.json_columns import JsonColumns
from serai.formats.json_lines import canonical, decode_document
from serai.formats.json_text import enclose, join_parts, write_parts
from serai.model.columns import Flags
from serai.model.documents import (
    CARRIER_PLACE,
    IDENTIFIERS,
    PERSON_ROLES,
    VAULT_ROLES,
    VENDOR,
    AdditionalFiscalReference,
    Consignment,
    Person,
)

_ENCODER = msgspec.json.Encoder()
_KEYS = tuple(f'"{role}":'.encode() for role in PERSON_ROLES)
_OWN_ROLES = PERSON_ROLES[:-1]
_ALL_OWN_ROLES = attrgetter(*_OWN_ROLES)
assert PERSON_ROLES[-1] == CARRIER_PLACE[-1], "all but the carrier are fields of the document itself"


_IDENTIFIERS_PLACE = VAULT_ROLES.index(IDENTIFIERS)
_AUTHORISATIONS, _FISCAL_ROLE, _VENDOR_ROLE = b'"authorisations":[', b'"role":"FR', b'"role":"FR5"'
_NO_NUMBER = "-"
_REFERENCES = "additional_fiscal_references"


class _Identifiers(msgspec.Struct, frozen=True):
    """Numbers of registers, in the order in which they stand on a declaration."""

    numbers: list[str]


_DECODER = msgspec.json.Decoder(_Identifiers)


class Cut(msgspec.Struct, frozen=True, gc=False):
    """A document without its people. people: role (place in VAULT_ROLES) and the JSON of the person, or of
    the numbers under which registers name parties on the document.
    """

    message: bytes
    people: list[tuple[int, bytes]]


def cut_people(documents: Sequence[Document], contents: Sequence[bytes]) -> list[Cut]:
    """Cut the people out of documents. contents: their canonical bytes.

    Country alone stays with the message: the law's territory rests on recorded facts.
    """
    return [
        _cut_with_numbers(document, content)
        if isinstance(document, Consignment) and _names_by_number(content)
        else _cut(document, content)
        for document, content in zip(documents, contents, strict=True)
    ]


def _names_by_number(content: bytes) -> bool:
    """Say whether a declaration may hold numbers that name a party. A vendor's stays: the law checks it."""
    return _AUTHORISATIONS in content or content.count(_FISCAL_ROLE) > content.count(_VENDOR_ROLE)


def cut_columns(read: JsonColumns) -> list[Cut]:
    """Cut the people out of declarations read as columns."""
    parts = write_parts(read.documents, Consignment)
    by_number = _names_by_number_of(read.documents)
    contents = join_parts(parts.values()) if by_number.any() else list(read.lines)
    people: list[list[tuple[int, bytes]]] = [[] for _ in contents]
    for place, role in enumerate(_OWN_ROLES):
        if role not in parts:
            continue
        begin = len(_KEYS[place]) + 1
        for its, part in zip(people, parts[role].cast(pa.binary()).to_pylist(), strict=True):
            if part:
                its.append((place, part[begin:]))
        country_codes = pc.struct_field(read.documents, [role, "country_code"])
        parts[role] = enclose(f',"{role}":{{"country_code":"', country_codes, '"}')
    cuts = list(map(Cut, join_parts(parts.values()), people))
    # What the careful reader wrote may hold escapes.
    for row in np.flatnonzero(read.is_canonical | by_number).tolist():
        content = read.lines[row] if read.is_canonical[row] else contents[row]
        (cuts[row],) = cut_people([decode_document(content, Consignment)], [content])
    return cuts


def _names_by_number_of(documents: Any) -> Flags:
    """Say of declarations read as columns which hold numbers that name a party other than the vendor."""
    named: Flags = np.zeros(len(documents), dtype=np.bool_)
    if _REFERENCES in {field.name for field in documents.type}:
        references = pc.struct_field(documents, _REFERENCES)
        is_other = pc.not_equal(pc.struct_field(references.flatten(), "role"), VENDOR)
        named[pc.list_parent_indices(references).filter(is_other).to_numpy()] = True
    return named


def _cut_with_numbers(document: Consignment, content: bytes) -> Cut:
    """Cut the numbers of registers out of a declaration, and then its people."""
    numbers: list[str] = []

    def hide(number: str) -> str:
        numbers.append(number)
        return _NO_NUMBER

    bare = _with_numbers(document, hide)
    if not numbers:
        return _cut(document, content)
    cut = _cut(bare, canonical(bare))
    return Cut(cut.message, [*cut.people, (_IDENTIFIERS_PLACE, _ENCODER.encode(_Identifiers(numbers)))])


def _cut(document: Document, content: bytes) -> Cut:
    """Take each person's own JSON out of the document's.

    A role's name before an unescaped brace stands nowhere else: inside text every quote is escaped.
    """
    if isinstance(document, Consignment) and document.detail is None and b"\\" not in content:
        return _cut_plain(document, content)
    people = []
    for place, person in enumerate(_people_of(document)):
        if person is not None:
            own = _ENCODER.encode(person)
            people.append((place, own))
            key = _KEYS[place]
            content = content.replace(key + own, key + _placeholder(person.country_code), 1)
    return Cut(content, people)


def _cut_plain(document: Consignment, content: bytes) -> Cut:
    """Cut slices out of a declaration without escapes: a person ends with a text, and that with the first
    quote before a brace; roles stand in their order.
    """
    people: list[tuple[int, bytes]] = []
    kept: list[bytes] = []
    end = 0
    for place, person in enumerate(_ALL_OWN_ROLES(document)):
        if person is None:
            continue
        begin = content.index(_KEYS[place], end) + len(_KEYS[place])
        kept += content[end:begin], _placeholder(person.country_code)
        own = _ENCODER.encode(person) if person.remarks else None
        end = content.index(b'"}', begin) + 2 if own is None else begin + len(own)
        people.append((place, content[begin:end] if own is None else own))
    kept.append(content[end:])
    return Cut(b"".join(kept), people)


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


def put_numbers(document: Consignment, identifiers: bytes) -> Consignment:
    """Return a declaration with the numbers of registers that were cut out of it."""
    numbers = iter(_DECODER.decode(identifiers).numbers)
    return _with_numbers(document, lambda _: next(numbers))


def _with_numbers(document: Consignment, change: Callable[[str], str]) -> Consignment:
    """Return a declaration with each number under which a register names a party changed, in order."""
    replace = msgspec.structs.replace

    def references(found: Sequence[AdditionalFiscalReference]) -> list[AdditionalFiscalReference]:
        return [
            one
            if one.role == VENDOR
            else replace(one, identification_number=change(one.identification_number))
            for one in found
        ]

    detail = document.detail
    if detail is not None:
        held = [
            replace(one, holder_identifier=change(one.holder_identifier)) for one in detail.authorisations
        ]
        detail = replace(detail, authorisations=held)
    own = references(document.additional_fiscal_references)
    items = [
        item
        if item.detail is None
        else replace(
            item,
            detail=replace(
                item.detail,
                additional_fiscal_references=references(item.detail.additional_fiscal_references),
            ),
        )
        for item in document.goods_items
    ]
    return replace(document, detail=detail, additional_fiscal_references=own, goods_items=items)


@lru_cache(maxsize=1_000)
def _placeholder(country_code: str) -> bytes:
    return _ENCODER.encode(Person(country_code=country_code))
