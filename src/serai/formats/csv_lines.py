"""Bytes of a CSV file into rows of cells, bounded: a row that cannot be read spoils itself alone."""

import csv
from collections.abc import Iterable, Iterator

import msgspec

from serai.model.findings import Finding

DELIMITERS = (",", ";", "\t")
ROW_BYTES_MAX = 256 * 1024
_REREAD_TIMES_MAX = 4
"""As often as a whole file may be read again behind quotes that never close. Beyond that no quote goes on
behind the end of its line."""


class CsvTable(msgspec.Struct, frozen=True):
    """A file as its sender sees it. header: as written; rows: (number as a spreadsheet counts, cells).

    raw: what the header and each row were read from, in their order, each with its line end. not_whole: rows
    whose cells are a guess.
    """

    delimiter: str
    header: list[str]
    rows: list[tuple[int, list[str]]]
    raw: list[bytes] = []
    not_whole: frozenset[int] = frozenset()


def read_table(chunks: Iterable[bytes]) -> CsvTable:
    """Read the cells of a whole file, numbered as `read_csv` numbers them. Never raises."""
    lines = Lines(chunks)
    delimiter = delimiter_of(lines.peek())
    found = [(row, b"".join(lines.closed)) for row in read_rows(lines, delimiter)]
    if not found:
        return CsvTable(delimiter, [], [])
    rows, raw = [row for row, _ in found], [text for _, text in found]
    not_whole = frozenset(row.number for row in rows if not row.is_whole)
    own = [(row.number, row.cells) for row in rows[1:]]
    return CsvTable(delimiter, rows[0].cells, own, raw, not_whole)


def delimiter_of(header: bytes) -> str:
    """Return the delimiter that a header has most of."""
    return max(DELIMITERS, key=lambda sign: header.count(sign.encode()))


class Lines:
    """Lines of a chunked file, decoded one by one, that can be taken back when a row made of them fails."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = _split(chunks)
        self._again: list[bytes] = []
        self._taken: list[bytes] = []
        self._taken_bytes = 0
        self._read_bytes = 0
        self._reread_bytes = 0
        # Read when it is asked for: who sends slowly waits for the answer to what is there.
        self._next: bytes | None = next(self._lines, b"").removeprefix(b"\xef\xbb\xbf")
        self._faults: list[tuple[str, dict[str, str]]] = []
        self.closed: list[bytes] = []
        """The lines of the row that was closed last."""

    def peek(self) -> bytes:
        """Look at the next line; empty at the end."""
        if self._next is None and self._again:
            self._next = self._again.pop()
        elif self._next is None:
            self._next = next(self._lines, b"")
            self._read_bytes += len(self._next)
        return self._next

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self.peek()
        if not line:
            raise StopIteration
        if self._taken_bytes > ROW_BYTES_MAX or (self._taken and self._is_reread_too_often()):
            raise csv.Error("a row without end")
        self._next = None
        self._taken.append(line)
        self._taken_bytes += len(line)
        if len(line) > ROW_BYTES_MAX:
            self._faults.append(("message-too-large", {"bytes_max": str(ROW_BYTES_MAX)}))
            return line[:64].decode("utf-8", "replace").replace('"', "") + "\n"
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as fault:
            byte = str(fault.start + 1)
            self._faults.append(("not-utf-8", {"byte": byte, "likely_encoding": "Windows-1252"}))
            return line.decode("utf-8", "replace")

    def _is_reread_too_often(self) -> bool:
        return self._reread_bytes > _REREAD_TIMES_MAX * (self._read_bytes + ROW_BYTES_MAX)

    def close_row(self) -> list[tuple[str, dict[str, str]]]:
        """Say the lines taken since the last call made a row; give their faults."""
        faults, self._faults = self._faults, []
        self.closed = self._taken
        self._taken, self._taken_bytes = [], 0
        return faults

    def give_back(self) -> str:
        """Keep the first of the lines taken and give it; put the others back to be read again."""
        first, *rest = self._taken or [b""]
        if rest:
            if self._next is not None:
                self._again.append(self._next)
            self._again += reversed(rest[1:])
            self._next = rest[0]
            self._reread_bytes += self._taken_bytes
        self.closed = [first]
        self._taken, self._taken_bytes, self._faults = [], 0, []
        return first.decode("utf-8", "replace")


class Row(msgspec.Struct, frozen=True):
    """number: as a spreadsheet counts. faults: of the whole row. is_whole: its cells are what was meant."""

    number: int
    cells: list[str]
    faults: list[Finding]
    is_whole: bool = True


def read_rows(lines: Lines, delimiter: str) -> Iterator[Row]:
    """Read rows; a quoted cell may hold line ends. A quote that never closes spoils its own line only."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # The rest of what the quote swallowed is read again, as rows of their own.
            cells = lines.give_back().split(delimiter)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            yield Row(number, cells, [Finding("malformed-csv", f"row {number}")], is_whole=False)
            continue
        faults = [Finding(code, f"row {number}", parameters=told) for code, told in lines.close_row()]
        is_whole = all(fault.code != "message-too-large" for fault in faults)
        yield Row(number, cells, faults, is_whole)


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut chunks into lines with their ends. Of a line that is too long only the beginning is kept."""
    # Put together when its end has come: a line may come a byte at a time.
    pieces: list[bytes] = []
    held_bytes = 0
    is_skipping = False
    for chunk in chunks:
        pieces.append(chunk)
        held_bytes += len(chunk)
        if b"\n" in chunk:
            *whole, rest = b"".join(pieces).replace(b"\r\n", b"\n").split(b"\n")
            for line in whole:
                if not is_skipping:
                    yield line + b"\n"
                is_skipping = False
            pieces, held_bytes = [rest], len(rest)
        if held_bytes > ROW_BYTES_MAX:
            if not is_skipping:
                yield b"".join(pieces)[: ROW_BYTES_MAX + 1]
            is_skipping, pieces, held_bytes = True, [], 0
    if held_bytes and not is_skipping:
        yield b"".join(pieces)
