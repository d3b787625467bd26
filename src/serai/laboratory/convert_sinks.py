"""Where converted documents are gathered until what holds them can be written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from tempfile import TemporaryFile
from typing import BinaryIO, Final, Protocol

import msgspec

from serai.formats.convertible import Circumstances, Convertible
from serai.formats.csv_write import header_of, used_columns, write_header, write_rows
from serai.formats.json_lines import decode_lines, encode_lines
from serai.model.documents import Consignment

BATCH_DOCUMENTS: Final = 1_000
Out = Callable[[bytes], None]


class Sink(Protocol):
    """Takes documents; `close` writes what is still held."""

    count: int

    def add(self, kind: str, document: msgspec.Struct) -> None:
        """Take a document that can be written."""

    def close(self) -> None:
        """Write what is still held."""


@contextmanager
def open_sink(name: str, writer: Convertible, told: Circumstances, out: Out) -> Iterator[Sink]:
    """Give the sink of a form. out: takes parts of one file (csv, ndjson) or whole messages."""
    if name == "csv":
        with TemporaryFile() as kept:
            yield _Rows(kept, out)
    else:
        yield _Lines(out) if name == "ndjson" else _Messages(writer, told, out)


class _Lines:
    """Writes each document as it comes."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self.count = 0

    def add(self, kind: str, document: msgspec.Struct) -> None:  # noqa: ARG002 - a line does not say its kind
        self.count += 1
        self._out(encode_lines([document]))  # type: ignore[list-item]

    def close(self) -> None:
        """Nothing is held."""


class _Messages:
    """Fills a message of each kind with as many documents as one may hold."""

    def __init__(self, writer: Convertible, told: Circumstances, out: Out) -> None:
        self._writer, self._told, self._out = writer, told, out
        self._held: dict[str, list[msgspec.Struct]] = {}
        self.count = 0

    def add(self, kind: str, document: msgspec.Struct) -> None:
        self.count += 1
        held = self._held.setdefault(kind, [])
        held.append(document)
        if len(held) == self._writer.documents_max:
            self._write(self._held.pop(kind))

    def close(self) -> None:
        for held in self._held.values():
            self._write(held)

    def _write(self, documents: list[msgspec.Struct]) -> None:
        assert self._writer.write is not None, "refused before"
        self._out(self._writer.write(documents, self._told))


class _Rows:
    """Keeps documents on the disk until all are there: the header says which columns they need together."""

    def __init__(self, kept: BinaryIO, out: Out) -> None:
        self._kept, self._out = kept, out
        self._used: set[str] = set()
        self.count = 0

    def add(self, kind: str, document: msgspec.Struct) -> None:
        assert isinstance(document, Consignment), kind
        self.count += 1
        self._used |= used_columns([document])
        self._kept.write(encode_lines([document]))

    def close(self) -> None:
        names = header_of(self._used)
        self._out(write_header(names))
        self._kept.seek(0)
        while lines := list(islice(self._kept, BATCH_DOCUMENTS)):
            decoded = decode_lines([line.removesuffix(b"\n") for line in lines], Consignment)
            self._out(write_rows([one for one in decoded.documents if one is not None], names))
