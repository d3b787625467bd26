"""Bulk declarations (BIRDS, a manifest): an envelope with a common head and an MRN of its own, whose lines
are declarations. Once declared they stand for themselves; the envelope knows which they are.
"""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from serai.formats.decoded import limit_findings
from serai.formats.json_faults import find_schema_faults
from serai.foundation.http.body import Lines
from serai.foundation.id_text import format_id
from serai.foundation.queries import load_queries
from serai.foundation.vault.pseudonyms import Purpose
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Answer
from serai.journey.services import Services
from serai.model.documents import PERSON_ROLES, Consignment, Reference
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.registration_number import registration_numbers

QUERIES: Final = load_queries(Path(__file__).with_name("bulk_declarations.sql"))

_OF_EACH: Final = frozenset(
    {"reference", "goods_items", "ucr", "house_document", "invoice_total_amount", "packages"}
    | {"amends_version", "amendment_reason", "detail"}
)
"""What a declaration says for itself alone."""
_OF_PEOPLE: Final = frozenset({*PERSON_ROLES, "additional_fiscal_references"})
"""What of a head its hash leaves out: a hash of people confirms a guessed name for ever. Each line says it
again, and is held against what the vault holds."""
DECLARATIONS: Final = "declarations"
HEAD_BYTES_MAX: Final = 8_192
"""What the head may hold for all: it is written into each line, so that a large one multiplies."""

BulkDeclarationHead = msgspec.defstruct(
    "BulkDeclarationHead",
    [
        ("reference", Reference),
        *(
            (one.name, one.type if not one.required else one.type | None, msgspec.UNSET)
            for one in msgspec.structs.fields(Consignment)
            if one.name not in _OF_EACH
        ),
    ],
    module=__name__,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
)
BulkDeclarationHead.__doc__ = """What is common to the declarations of a bulk declaration: each field
holds for every declaration that leaves it out. reference: the declarant's own, of the envelope."""

BulkDeclaration = msgspec.defstruct(
    "BulkDeclaration",
    [(DECLARATIONS, list[dict[str, Any]])],
    bases=(BulkDeclarationHead,),
    module=__name__,
    frozen=True,
    kw_only=True,
)
BulkDeclaration.__doc__ = """An envelope as one JSON object: the head and its declarations, each as at
/v1/declarations without what the head says."""
_HEADS: Final = msgspec.json.Decoder(BulkDeclarationHead)
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER: Final = msgspec.json.Encoder()
_HASHED: Final = msgspec.json.Encoder(order="sorted")


class Envelope(msgspec.Struct, frozen=True):
    """A bulk declaration that is taken. common: the head's fields for its declarations, as they were sent, by
    name. is_new: False where the same head was sent before."""

    bulk_declaration_id: int
    reference: str
    mrn: str
    common: dict[str, bytes]
    is_new: bool


class EnvelopeOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to the head: the envelope is recorded, or was before. line: of the head, in NDJSON."""

    line: int | None = None
    status: str
    reference: str
    bulk_declaration_id: str
    mrn: str


class DeclarationOfBulk(msgspec.Struct, frozen=True):
    """A declaration of an envelope, by its own reference."""

    reference: str
    document_id: str


class BulkDeclarationOut(msgspec.Struct, frozen=True):
    """An envelope and a page of its declarations, by reference. next_after: for the page behind it."""

    bulk_declaration_id: str
    reference: str
    mrn: str
    received_at: dt.datetime
    declarations_count: int
    declarations: list[DeclarationOfBulk]
    next_after: str | None


def read_head(content: bytes) -> tuple[dict[str, msgspec.Raw], list[Finding]]:
    """Read the head of an envelope: its fields as they were sent, and what is wrong with it."""
    try:
        fields = _FIELDS.decode(content)
        fields.pop(DECLARATIONS, None)
        _HEADS.decode(_ENCODER.encode(fields))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}, limit_findings(_faults_of(content))
    if sum(len(bytes(one)) for one in fields.values()) > HEAD_BYTES_MAX:
        return {}, [Finding("message-too-large", "", parameters={"bytes_max": str(HEAD_BYTES_MAX)})]
    return fields, []


def _faults_of(content: bytes) -> list[Finding]:
    try:
        tree: Any = msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return [Finding("malformed-json", "", parameters={"byte": "1"})]
    if isinstance(tree, dict):
        tree.pop(DECLARATIONS, None)
    return find_schema_faults(tree, BulkDeclarationHead) or [
        Finding("not-valid", "", parameters={"check": "type"})
    ]


def complete_line(line: bytes, common: dict[str, bytes]) -> bytes:
    """Return a declaration with the fields of the head that it leaves out. What is no object is left as it
    is: its own fault is told."""
    try:
        own = _FIELDS.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return line
    missing = [content for name, content in common.items() if name not in own]
    if not missing:
        return line
    rest = line.lstrip()[1:]
    return b"{" + b",".join(missing) + (b"," if own else b"") + rest


async def complete_lines(incoming: AsyncIterator[Lines], common: dict[str, bytes]) -> AsyncIterator[Lines]:
    """Complete declarations as they come."""
    async for lines in incoming:
        yield msgspec.structs.replace(lines, lines=[complete_line(line, common) for line in lines.lines])


async def open_envelope(services: Services, party_id: int, fields: dict[str, msgspec.Raw]) -> Envelope:
    """Record an envelope, or find it where the same head was sent before. Raises SeraiError
    `reference-reused` where another head stands under its reference."""
    head: Any = _HEADS.decode(_ENCODER.encode(fields))
    at = services.clock.now()
    number = services.ids.take(1)
    values = {
        "bulk_declaration_id": int(number[0]),
        "administration_id": services.administration_id,
        "party_id": party_id,
        "mrn": registration_numbers(np.asarray(number), at.year, services.country_code)[0],
        "reference": head.reference,
        "content_hash": _hash_of_codes(services, head),
        "at": at,
    }
    async with services.database.write() as connection:
        await connection.execute(QUERIES["insert_bulk_declaration"], values)
        cursor = await connection.execute(QUERIES["select_bulk_declaration"], values)
        found = await cursor.fetchone()
    assert found is not None
    if found[2] != values["content_hash"]:
        raise SeraiError(
            "reference-reused",
            "Another bulk declaration with a different head stands under this reference.",
            "Give the envelope a reference of its own, or send the head as it was.",
        )
    common = {
        name: _ENCODER.encode(name) + b":" + bytes(value)
        for name, value in fields.items()
        if name != "reference"
    }
    is_new = found[0] == values["bulk_declaration_id"]
    return Envelope(found[0], head.reference, found[1], common, is_new)


def _hash_of_codes(services: Services, head: Any) -> bytes:
    codes = {name: value for name, value in msgspec.to_builtins(head).items() if name not in _OF_PEOPLE}
    return services.pseudonymiser.pseudonyms(Purpose.MATCH, [_HASHED.encode(codes)])[0]


async def record_lines(services: Services, envelope: Envelope, answers: Sequence[Answer]) -> None:
    """Note which declarations lie in an envelope: those that were taken, once each."""
    taken = [one for one in answers if one.document_id]
    if not taken:
        return
    async with services.database.write() as connection:
        await connection.execute(
            QUERIES["insert_lines"],
            {
                "bulk_declaration_id": envelope.bulk_declaration_id,
                "administration_id": services.administration_id,
                "document_ids": [one.document_id for one in taken],
                "references": [one.reference for one in taken],
            },
        )


def envelope_out(envelope: Envelope, *, line: int | None = None) -> EnvelopeOut:
    """Return the answer to a head."""
    return EnvelopeOut(
        line=line,
        status="recorded" if envelope.is_new else "repeated",
        reference=envelope.reference,
        bulk_declaration_id=format_id(envelope.bulk_declaration_id),
        mrn=envelope.mrn,
    )


async def read_bulk_declaration(
    services: Services, party_id: int | None, reference: str, *, after: str, limit: int
) -> BulkDeclarationOut:
    """Return a party's envelope and a page of its declarations. Raises `not-found`."""
    values = {"administration_id": services.administration_id, "party_id": party_id, "reference": reference}
    async with services.database.read(services.administration_id) as connection:
        cursor = await connection.execute(QUERIES["select_bulk_declaration"], values)
        found = await cursor.fetchone()
        if found is None:
            raise not_found()
        number, mrn, _, received_at, count = found
        cursor = await connection.execute(
            QUERIES["select_lines"],
            {**values, "bulk_declaration_id": number, "after": after, "limit": limit},
        )
        rows = await cursor.fetchall()
    return BulkDeclarationOut(
        format_id(number),
        reference,
        mrn,
        received_at,
        count,
        [DeclarationOfBulk(name, format_id(document_id)) for name, document_id in rows],
        rows[-1][0] if len(rows) == limit else None,
    )
