"""NDJSON into columns at once, without an object a row: the second reader, which answers only what it is sure
of.

The first reader (`json_lines`) stays the judge. A line that looks doubtful, or whose columns break a limit,
is read by the first; what that one accepts comes back as canonical bytes, in which nothing is doubtful.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import json as arrow_json

from serai.formats.decoded import DocumentT
from serai.formats.json_lines import LINE_BYTES_MAX, decode_lines
from serai.formats.json_shape import (
    RARE,
    Keys,
    Shape,
    add_keys,
    arrow_type,
    declared_shape,
    find_misfits,
    merge_keys,
)
from serai.model.columns import Flags, Int64s
from serai.model.findings import Finding

LINES_MIN: Final = 64
"""Below so many lines the fixed cost of Arrow is more than what it saves."""
_BYTES_MAX: Final = 1 << 30
_RARE_KEY: Final = f'"{RARE}"'.encode()
_SAMPLES_COUNT: Final = 64
_ATTEMPTS_COUNT: Final = 5
_GENERIC: Final = msgspec.json.Decoder()
_ROW: Final = re.compile(r"in row (\d+)")
_STRETCH: Final = 1 << 18
_LINE_END, _ESCAPE, _BRACE, _BRACE_END, _BLANK, _QUOTE, _COLON = b'\n\\{} ":'


@dataclass(frozen=True, slots=True)
class JsonColumns:
    """A chunk of lines, read.

    places: of the lines that are documents, ascending. lines: the bytes of each, as they came or canonical.
    is_canonical: which of these the first reader wrote; the texts of all others hold no escape. documents: a
    struct array, one row each; a field that no document has may be missing. findings: all faults of each
    other line, by place.
    """

    places: Int64s
    lines: list[bytes]
    is_canonical: Flags
    documents: Any
    findings: dict[int, list[Finding]]


def read_json_columns(lines: Sequence[bytes], kind: type[DocumentT]) -> JsonColumns | None:
    """Read lines without line ends as columns; None: the first reader has to read them.

    Never raises on any bytes.
    """
    if len(lines) < LINES_MIN:
        return None
    chunk = _Chunk(lines, kind)
    if len(chunk.joined) > _BYTES_MAX:
        return None
    doubtful = find_doubtful(chunk.joined, len(lines))
    for attempt in range(_ATTEMPTS_COUNT):
        chunk.read_with_care(doubtful)
        documents = chunk.parse(is_last=attempt == _ATTEMPTS_COUNT - 2)
        if documents is None:
            if _RARE_KEY in chunk.joined:
                return None
            doubtful = chunk.blamed
            continue
        read = chunk.without_misfits(documents)
        if read is not None:
            # Without a document there are no columns: the first reader says what each line is.
            return read if len(read.places) else None
        doubtful = chunk.blamed
    return None


def find_doubtful(joined: bytes, lines_count: int) -> Flags:
    """Say which lines might mean something else to the two readers. joined: lines, each with its line end.

    Doubtful: what does not begin and end as an object, is too long, holds an escape, a control character, the
    word null (a default is no null) or bytes that are no UTF-8.
    """
    signs = np.frombuffer(joined, dtype=np.uint8)
    controls = np.concatenate([_controls(signs, begin) for begin in range(0, len(signs), _STRETCH)])
    is_end = signs[controls] == _LINE_END
    ends = controls[is_end]
    if len(ends) != lines_count:
        return np.ones(lines_count, dtype=np.bool_)
    begins = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1] + 1])
    doubtful: Flags = (
        (signs[begins] != _BRACE) | (signs[ends - 1] != _BRACE_END) | (ends - begins > LINE_BYTES_MAX)
    )
    if b"\\" in joined:
        doubtful[np.searchsorted(ends, np.flatnonzero(signs == _ESCAPE))] = True
    if len(ends) < len(controls):
        doubtful[np.searchsorted(ends, controls[~is_end])] = True
    place = joined.find(b"null")
    while place >= 0:
        line = int(np.searchsorted(ends, place))
        doubtful[line] = True
        place = joined.find(b"null", int(ends[line]))
    if not _is_utf_8(joined):
        for line, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
            doubtful[line] |= not _is_utf_8(joined[begin:end])
    return doubtful


def _controls(signs: npt.NDArray[np.uint8], begin: int) -> Int64s:
    """Return the places of control characters in a stretch; longer ones fall out of the processor's cache."""
    found: Int64s = np.flatnonzero(signs[begin : begin + _STRETCH] < _BLANK) + begin
    return found


def _is_utf_8(content: bytes) -> bool:
    if content.isascii():
        return True
    bounds = np.array([0, len(content)], dtype=np.int32)
    text = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(bounds), pa.py_buffer(content)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


_KNOWN: Final[dict[Any, Keys]] = {}
"""Fields that earlier chunks were found to have beside those of their samples: they are looked for in the
next one, too. What is read does not depend on it, only how often it has to be read twice."""


class _Chunk:
    """Lines on their way into columns. blamed: lines that the last attempt found doubtful."""

    def __init__(self, lines: Sequence[bytes], kind: Any) -> None:
        self.joined = b"\n".join([*lines, b""])
        self.blamed = np.zeros(len(lines), dtype=np.bool_)
        self._kind, self._shape = kind, declared_shape(kind)
        self._lines: list[bytes] = list(lines)
        self._is_careful = np.zeros(len(lines), dtype=np.bool_)
        self._is_sound = np.ones(len(lines), dtype=np.bool_)
        self._findings: dict[int, list[Finding]] = {}
        self._is_sampled = True

    def read_with_care(self, doubtful: Flags) -> None:
        """Let the first reader read doubtful lines: what is sound becomes canonical."""
        places = np.flatnonzero(doubtful & ~self._is_careful).tolist()
        if not places:
            return
        decoded = decode_lines([self._lines[place] for place in places], self._kind)
        for place, content, findings in zip(places, decoded.canonical, decoded.findings, strict=True):
            if content is None:
                self._findings[place] = findings
                self._is_sound[place] = False
            else:
                self._lines[place] = content
        self._is_careful |= doubtful

    def parse(self, *, is_last: bool) -> Any | None:
        """Read all sound lines; None: they are not what they seem, and `blamed` says which (is_last: all)."""
        places = np.flatnonzero(self._is_sound)
        if not len(places):
            return pa.array([], arrow_type(self._shape))
        lines = self._lines if len(places) == len(self._lines) else [self._lines[p] for p in places.tolist()]
        is_as_it_came = len(lines) == len(self._lines) and not self._is_careful.any()
        content = self.joined if is_as_it_came else b"\n".join([*lines, b""])
        try:
            seen = _sample(lines) if self._is_sampled else _find_keys(content, self._shape)
            known = _KNOWN.setdefault(self._kind, {})
            found = _parse(content, arrow_type(self._shape, merge_keys(seen, known)))
            if not self._is_sampled:
                _KNOWN[self._kind] = merge_keys(seen, known)
        except (pa.ArrowInvalid, UnicodeDecodeError) as fault:
            self._blame(str(fault), places, is_last=is_last)
            return None
        if len(found) != len(lines):
            self.blamed = np.ones(len(self._lines), dtype=np.bool_)
            return None
        return found

    def _blame(self, message: str, places: Int64s, *, is_last: bool) -> None:
        row = _ROW.search(message)
        self.blamed = self._is_careful.copy()
        if row is not None and int(row[1]) < len(places) and not is_last:
            self.blamed[places[int(row[1])]] = True
        elif is_last or not self._is_sampled:
            self.blamed[:] = True
        # Else a field that no sample had: the next attempt looks at every line.
        self._is_sampled = False

    def without_misfits(self, documents: Any) -> JsonColumns | None:
        """Drop rows that break a limit, when the first reader refuses them too; None: it accepts one."""
        places = np.flatnonzero(self._is_sound)
        misfits = find_misfits(documents, self._shape)
        if misfits is not None and not self._is_careful[places[misfits]].all():
            self.blamed = self._is_careful.copy()
            self.blamed[places[misfits]] = True
            self.read_with_care(self.blamed)
            kept = self._is_sound[places]
            if (kept & misfits).any():
                return None
            documents, places = documents.filter(pa.array(kept)), places[kept]
        lines = self._lines if len(places) == len(self._lines) else [self._lines[p] for p in places.tolist()]
        return JsonColumns(places, lines, self._is_careful[places], documents, self._findings)


def _parse(content: bytes, kind: Any) -> Any:
    """Read lines of one schema into one struct array. Raises pa.ArrowInvalid."""
    table = arrow_json.read_json(
        pa.BufferReader(content),
        read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(content) + 1),
        parse_options=arrow_json.ParseOptions(
            explicit_schema=pa.schema(list(kind)), unexpected_field_behavior="error"
        ),
    )
    (batch,) = table.combine_chunks().to_batches()
    return pa.StructArray.from_arrays(batch.columns, fields=list(batch.schema))


def _find_keys(content: bytes, shape: Shape) -> Keys:
    """Return the fields of a shape whose names stand before a colon somewhere, at whatever level.

    Names that look alike from afar are only taken along.
    """
    signs = np.frombuffer(content, dtype=np.uint8)
    quotes = np.flatnonzero(signs == _QUOTE)
    before = np.flatnonzero(signs[quotes[1:] + 1] == _COLON)
    found = np.zeros(1 << 16, dtype=np.bool_)
    found[_mark(signs, quotes[before], quotes[before + 1])] = True
    return _keep_names(shape, found)


def _mark(signs: npt.NDArray[np.uint8], begins: Int64s, ends: Int64s) -> npt.NDArray[np.uint16]:
    """Return a number for each name between two quotes: made of its length and some of its letters."""
    letters = (signs[place].astype(np.uint16) for place in (begins + 1, begins + 2, (begins + ends) // 2))
    first, second, middle = letters
    return (ends - begins).astype(np.uint16) * 2503 + first * 31 + second * 1021 + middle * 8191


def _keep_names(shape: Shape, found: Flags) -> Keys:
    if shape.inner is not None:
        return _keep_names(shape.inner, found)
    kept: Keys = {}
    for name, inner in shape.fields.items():
        quoted = np.frombuffer(f'"{name}"'.encode(), dtype=np.uint8)
        if found[_mark(quoted, np.array([0]), np.array([len(quoted) - 1]))].all():
            kept[name] = _keep_names(inner, found)
    return kept


def _sample(lines: Sequence[bytes]) -> Keys:
    """Return the fields that some of the lines have."""
    seen: Keys = {}
    # Strewn, for what comes round at regular distances would be missed by equal steps.
    for number in range(_SAMPLES_COUNT):
        try:
            add_keys(_GENERIC.decode(lines[number * 2_654_435_761 % len(lines)]), seen)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    return seen
