"""Names of a file against lists, without a database: a line in, a line out, in order, in bounded memory."""

import csv
import io
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import PurePath
from typing import Annotated, BinaryIO, Final, Literal, NamedTuple

import msgspec

from serai.journey.screening.evidence import PPM, Asked, Trait
from serai.journey.screening.list_formats.ofac_csv import join_ofac_files
from serai.journey.screening.list_formats.recognised import decode_list
from serai.journey.screening.screener import EntryHit, Screener, build_screener
from serai.model.code_lists import COUNTRY_CODES

ScreenForm = Literal["ndjson", "csv"]
CHUNK_COUNT: Final = 2_000
_LINE_BYTES_MAX: Final = 100_000
_OFAC_FILES: Final = ("sdn.csv", "alt.csv", "add.csv")
_COLUMNS: Final = ("name", "kind", "country", "birth_year", "identity_number")


class AskedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to look up. kind: person, organisation, vessel, aircraft; country: ISO 3166."""

    name: str
    kind: Literal["person", "organisation", "vessel", "aircraft", ""] | None = None
    country: str | None = None
    birth_year: Annotated[int, msgspec.Meta(ge=1800, le=2100)] | None = None
    identity_number: str | None = None


class HitOut(msgspec.Struct, frozen=True):
    """An entry that could be meant. score: 0 to 1. agrees, differs: its parts."""

    list: str
    entry: str
    kind: str
    name: str
    score: float
    programmes: tuple[str, ...]
    agrees: tuple[Trait, ...]
    differs: tuple[Trait, ...]


class ScreenedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer to a line. code, message, next_step: of a line that was not understood."""

    line: int
    status: Literal["hit", "clear", "not-read"]
    hits: tuple[HitOut, ...] = ()
    code: str = ""
    message: str = ""
    next_step: str = ""


class Part(NamedTuple):
    """Answers to some lines, and how many of each kind."""

    answers: list[ScreenedLine]
    hit_count: int
    unread_count: int


_DECODER = msgspec.json.Decoder(AskedLine)
_SHARED: list[Screener] = []


def read_lists(files: Mapping[str, bytes]) -> Screener:
    """Index lists of any form that is known. files: by name; sdn.csv, alt.csv and add.csv are one list.

    Raises ListFileError.
    """
    parts = {
        file_name: content
        for name, content in files.items()
        if (file_name := PurePath(name).name.lower()) in _OFAC_FILES
    }
    whole = {name: one for name, one in files.items() if PurePath(name).name.lower() not in parts}
    if parts:
        whole["ofac.zip"] = join_ofac_files(parts)
    return build_screener(entry for name, content in whole.items() for entry in decode_list(content, name))


def screen_file(
    source: BinaryIO, form: ScreenForm, screener: Screener, *, workers_count: int
) -> Iterator[Part]:
    """Look the names of a file up, chunk by chunk, in order.

    workers_count: processes that share the index; at most twice as many chunks are in memory. A line that
    cannot be read is answered with why, and no other suffers from it.
    """
    chunks = _chunks(source, form)
    first = next(chunks, [])
    second = next(chunks, [])
    if workers_count < 2 or not second:
        yield from (_screen(chunk, screener) for chunk in (first, second) if chunk)
        yield from (_screen(chunk, screener) for chunk in chunks)
        return
    # Forked processes share the index without a copy of their own.
    _SHARED[:] = [screener]
    with ProcessPoolExecutor(workers_count, multiprocessing.get_context("fork")) as pool:
        waiting: deque[Future[Part]] = deque(pool.submit(_screen_shared, one) for one in (first, second))
        for chunk in chunks:
            if len(waiting) >= 2 * workers_count:
                yield waiting.popleft().result()
            waiting.append(pool.submit(_screen_shared, chunk))
        while waiting:
            yield waiting.popleft().result()


def _screen_shared(chunk: list[tuple[int, bytes]]) -> Part:
    return _screen(chunk, _SHARED[0])


def _chunks(source: BinaryIO, form: ScreenForm) -> Iterator[list[tuple[int, bytes]]]:
    """Yield numbered lines, of a table as JSON, in chunks."""
    chunk: list[tuple[int, bytes]] = []
    for numbered in _table_lines(source) if form == "csv" else _lines(source):
        chunk.append(numbered)
        if len(chunk) == CHUNK_COUNT:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _lines(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := source.readline(_LINE_BYTES_MAX):
        number += 1
        rest = line
        while rest and not rest.endswith(b"\n"):
            # What is longer is read past, not kept; the cut line is no JSON and is told so.
            rest = source.readline(_LINE_BYTES_MAX)
        if line.strip():
            yield number, line


def _table_lines(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    text = io.TextIOWrapper(source, "utf-8-sig", errors="replace", newline="")
    try:
        reader = csv.DictReader(text)
        for row in reader:
            said = {
                name: int(cell) if name == "birth_year" and cell.isdigit() else cell
                for name in _COLUMNS
                if (cell := (row.get(name) or "").strip()) or name == "name"
            }
            yield reader.line_num, msgspec.json.encode(said)
    finally:
        # Whoever opened the file closes it.
        text.detach()


def _screen(chunk: list[tuple[int, bytes]], screener: Screener) -> Part:
    asked: list[Asked] = []
    lines: list[int] = []
    answers: dict[int, ScreenedLine] = {}
    for number, line in chunk:
        try:
            one = _DECODER.decode(line)
            country = (one.country or "").upper()
            if country and country not in COUNTRY_CODES:
                raise msgspec.ValidationError(f"{one.country} is no code of a country - at `$.country`")
        except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
            answers[number] = _not_read(number, str(fault))
            continue
        asked.append(Asked(one.name, one.kind or "", country, one.birth_year or 0, one.identity_number or ""))
        lines.append(number)
        answers[number] = ScreenedLine(number, "clear")
    unread_count = len(chunk) - len(lines)
    hits: dict[int, list[EntryHit]] = {}
    for hit in screener.find(asked):
        hits.setdefault(lines[hit.place], []).append(hit)
    answers.update(
        (number, ScreenedLine(number, "hit", tuple(_out(found)))) for number, found in hits.items()
    )
    return Part(list(answers.values()), len(hits), unread_count)


def _out(hits: Iterable[EntryHit]) -> Iterator[HitOut]:
    for hit in hits:
        entry = hit.entry
        yield HitOut(
            entry.list_code,
            entry.entry_id,
            entry.kind_code,
            hit.name,
            round(hit.score_ppm / PPM, 3),
            entry.programmes,
            hit.agrees,
            hit.differs,
        )


def _not_read(number: int, why: str) -> ScreenedLine:
    return ScreenedLine(
        number,
        "not-read",
        code="screen-line",
        message=f"Line {number} cannot be read: {why}.",
        next_step="Give name and, if known, kind, country (ISO 3166), birth_year and identity_number.",
    )
