"""JSON and NDJSON <-> documents.

The hot path: a good line costs one decode, one encode and two counts of colons.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from serai.formats.decoded import KINDS, Decoded, Document, DocumentT
from serai.formats.json_faults import find_faults, find_silent_faults
from serai.model.documents import Consignment, Declaration
from serai.model.findings import Finding

_ENCODER = msgspec.json.Encoder()
_DECODERS: dict[type[Any], Any] = {kind: msgspec.json.Decoder(kind) for kind in KINDS.values()}
_GENERIC = msgspec.json.Decoder()
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

LINE_BYTES_MAX = 4 * 1024 * 1024
"""A consignment of 999 goods items with every field is below 2 MB; more is an attack or an error."""


def decode_lines(lines: Sequence[bytes], kind: type[DocumentT]) -> Decoded[DocumentT]:
    """Read each line as one document of `kind`.

    A faulty line gets all its faults, each with its RFC 6901 pointer, and does not touch its neighbours.
    Never raises on any bytes.
    """
    decode = _DECODERS[kind].decode
    encode = _ENCODER.encode
    documents: list[DocumentT | None] = []
    canonical_lines: list[bytes | None] = []
    findings: list[list[Finding]] = []
    for line in lines:
        faults: list[Finding] = []
        document: DocumentT | None
        content: bytes | None
        try:
            document = decode(line) if len(line) <= LINE_BYTES_MAX else None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            document = None
        if document is None:
            document, content, faults = _reread(line, kind)
        else:
            content = encode(document)
            if _is_doubtful(line, content):
                faults = _look_longer(line)
        if faults:
            document = content = None
        documents.append(document)
        canonical_lines.append(content)
        findings.append(faults)
    return Decoded(documents, canonical_lines, findings)


def decode_to_read(lines: Sequence[bytes], kind: type[DocumentT]) -> Decoded[DocumentT]:
    """Read lines as decode_lines does, for those who keep nothing: no canonical bytes are given back."""
    decode, encode_into = _DECODERS[kind].decode, _ENCODER.encode_into
    documents: list[DocumentT | None] = []
    findings: list[list[Finding]] = []
    content = bytearray()
    for line in lines:
        faults: list[Finding] = []
        document: DocumentT | None
        try:
            document = decode(line) if len(line) <= LINE_BYTES_MAX else None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            document = None
        if document is None:
            document, _, faults = _reread(line, kind)
        else:
            # One buffer for all: making and freeing the bytes of each costs as much as writing them.
            encode_into(document, content)
            if _is_doubtful(line, content):
                faults = _look_longer(line)
                document = None if faults else document
        documents.append(document)
        findings.append(faults)
    return Decoded(documents, [None] * len(documents), findings)


def decode_document(content: bytes, kind: type[DocumentT]) -> DocumentT:
    """Read a line that is known to be a sound document."""
    document: DocumentT = _DECODERS[kind].decode(content)
    return document


def read_document(declaration: Declaration) -> Consignment:
    """Return a declaration as a whole."""
    if isinstance(declaration, Consignment):
        return declaration
    return decode_document(declaration.content, Consignment)


def encode_document(document: Document) -> bytes:
    """Write a document as one line of JSON without its line end."""
    return _ENCODER.encode(document)


def encode_lines(documents: Sequence[Document]) -> bytes:
    """Write documents as NDJSON, one a line."""
    return _ENCODER.encode_lines(documents)


def canonical(document: Document) -> bytes:
    """Give the bytes that stand for a document's content: equal content, equal bytes.

    Fields in the order of the struct, those at their default left out, no blanks, escapes only where JSON
    asks for them; so neither key order nor spacing, escapes or a default written out changes them.
    """
    return _ENCODER.encode(document)


def _reread(line: bytes, kind: type[DocumentT]) -> tuple[DocumentT | None, bytes | None, list[Finding]]:
    # One mark is a habit of editors; a second one is text where none may stand.
    if line.startswith(_BYTE_ORDER_MARK) and not line.startswith(_BYTE_ORDER_MARK * 2):
        again = decode_lines([line[len(_BYTE_ORDER_MARK) :]], kind)
        return again.documents[0], again.canonical[0], again.findings[0]
    return None, None, find_faults(line, kind, LINE_BYTES_MAX)


def _is_doubtful(line: bytes, content: bytes | bytearray) -> bool:
    """Say whether a line may hold more than was read from it; content: what was read, encoded.

    msgspec keeps the last of two equal keys and says nothing; whatever it dropped had a colon. A colon or
    NUL may also be written as an escape.
    """
    return line.count(b":") != content.count(b":") or (b"\\u00" in line and _may_hide(line))


def _look_longer(line: bytes) -> list[Finding]:
    """Tell defaults written out from repeated keys: re-encoding keeps the former and loses the latter."""
    if not _may_hide(line) and _ENCODER.encode(_GENERIC.decode(line)).count(b":") == line.count(b":"):
        return []
    return find_silent_faults(line)


def _may_hide(line: bytes) -> bool:
    """Say whether the line holds an escaped NUL or an escaped sign between 0 and ? (a colon among them)."""
    return b"\\u0000" in line or b"\\u003" in line
