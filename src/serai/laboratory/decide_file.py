"""The pure pipe: a file of consignments in, decisions out as NDJSON, in order, on all cores; nothing is kept.

Each consignment is decided by itself, as if nothing else were known: no order, payment or reported arrival.
A reference that comes twice is decided twice; only a store can tell a repeat.
"""

import datetime as dt
import gc
import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import chain
from typing import BinaryIO, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.formats.csv_rows import CsvConsignment
from serai.formats.decoded import Decoded
from serai.formats.json_columns import JsonColumns, read_json_columns
from serai.formats.json_lines import decode_lines, decode_to_read
from serai.formats.registry import FormatName
from serai.formats.wco_dec import decode_dec
from serai.journey.decision.text_arrays import Texts, array_of, join, numbers_text, take
from serai.journey.law_in_force.list_files import list_kind_of
from serai.journey.law_in_force.list_rows import ListRows, read_list_rows
from serai.journey.pipeline import Context, run_fields
from serai.journey.recording.decision_json import write_decisions
from serai.journey.screening.list_entry import ListEntry
from serai.journey.screening.list_formats.recognised import decode_list
from serai.journey.screening.lists import Lists, build_lists
from serai.journey.validation.fields import DocumentFields, fields_of_columns, fields_of_documents
from serai.laboratory.collector import keep_pages
from serai.laboratory.csv_batches import read_csv_batches
from serai.laboratory.file_chunks import CHUNK_CONSIGNMENTS, DECLARANT
from serai.laboratory.line_blocks import read_line_blocks
from serai.laboratory.shared_slots import Slot, make_slots
from serai.law.book import BASE_LAYER, LawBook
from serai.law.goods_kinds import read_goods_kinds
from serai.law.library import load_book, read_packs
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.law.without_collector import without_collector
from serai.model.columns import Int64s
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.packed_columns import text_bytes


@dataclass(frozen=True, slots=True)
class Setup:
    """What decisions rest on, as bytes: small enough to hand to another process.

    law_files: of `laws/`, by path. law: a base pack's code; None: what is in force. at_ms: now, UTC.
    list_files: by name, of one of LIST_KINDS each: tariff lines, exchange rates, scheme numbers as
    CSV with the fields of their structs; denied parties as CSV or the UN's XML.
    """

    law_files: Mapping[str, bytes]
    list_files: Mapping[str, bytes]
    law: str | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of a file. first_line: from 1. Either content (NDJSON), or documents already read.

    is_full: cut for its size, so that more is likely there; any other is answered before more is read.
    """

    first_line: int
    content: bytes = b""
    decoded: Decoded[Consignment] | None = None
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """Answers to a block, one line each, and how many of each kind."""

    answers: bytes
    decided_count: int
    rejected_count: int
    goods_items_count: int


class _Rejected(msgspec.Struct, frozen=True):
    line: int
    reference: str
    status: str
    findings: list[Finding]


class _OnlyReference(msgspec.Struct, frozen=True):
    reference: str = ""


class Decider:
    """Law and lists in memory, ready for any number of batches."""

    def __init__(self, setup: Setup) -> None:
        """Load law and lists. Raises LawPackError, ListFileError, `law-unknown`, `list-file-unknown`."""
        self._at_ms = setup.at_ms
        self._book = book_of(setup)
        self._lists = load_lists(setup.law_files, setup.list_files)

    def decide_block(self, block: Block) -> Decided:
        """Decide a block, in batches of at most CHUNK_CONSIGNMENTS."""
        if block.decoded is not None:
            return self._decide(block.first_line, block.decoded, ())
        lines = block.content.removesuffix(b"\n").split(b"\n")
        parts = []
        # Equal chunks: every law costs the same in a small one.
        size = -(-len(lines) // -(-len(lines) // CHUNK_CONSIGNMENTS))
        for begin in range(0, len(lines), size):
            chunk = lines[begin : begin + size]
            read = read_json_columns(chunk, Consignment)
            parts.append(
                self._decide(block.first_line + begin, decode_to_read(chunk, Consignment), chunk)
                if read is None
                else self._decide_columns(block.first_line + begin, read, chunk)
            )
        return _join(parts)

    def _decide_columns(self, first_line: int, read: JsonColumns, lines: Sequence[bytes]) -> Decided:
        findings = [read.findings.get(place, []) for place in range(len(lines))]
        return self._decide_fields(first_line, _Read(fields_of_columns(read), read.places, findings, lines))

    def _decide(self, first_line: int, decoded: Decoded[Consignment], lines: Sequence[bytes]) -> Decided:
        places = [place for place, document in enumerate(decoded.documents) if document is not None]
        documents = [document for document in decoded.documents if document is not None]
        fields = fields_of_documents(documents)
        return self._decide_fields(
            first_line, _Read(fields, np.array(places, dtype=np.int64), decoded.findings, lines)
        )

    def _decide_fields(self, first_line: int, read: "_Read") -> Decided:
        fields, places, findings, _ = read
        answers, decided, goods_items_count = pa.array([], pa.string()), places[:0], 0
        if fields.count:
            processed = run_fields(
                fields,
                [DECLARANT] * fields.count,
                self._at_ms,
                self._book,
                self._lists,
                context=Context.empty(fields.count),
            )
            for place, faults in zip(places.tolist(), processed.faults, strict=True):
                if faults:
                    findings[place] = faults
            decided = places[processed.accepted_rows]
            references = take(fields.consignments.array("reference"), processed.accepted_rows)
            answers = array_of(
                join(
                    '{"line":',
                    numbers_text(decided + first_line),
                    ',"reference":"',
                    _escaped(references),
                    '","status":"decided","decision":',
                    write_decisions(processed, self._book),
                    "}\n",
                )
            )
            goods_items_count = processed.items.row_count
        is_rejected = np.ones(len(findings), dtype=np.bool_)
        is_rejected[decided] = False
        rejected = np.flatnonzero(is_rejected)
        if len(rejected):
            rows = dict(zip(places.tolist(), range(fields.count), strict=True))
            texts = [self._reject(first_line, place, rows.get(place), read) for place in rejected.tolist()]
            order = np.argsort(np.concatenate([decided, rejected]), kind="stable")
            answers = pa.concat_arrays([answers, pa.array(texts, pa.string())]).take(pa.array(order))
        return Decided(text_bytes(answers).tobytes(), len(decided), len(rejected), goods_items_count)

    @staticmethod
    def _reject(first_line: int, place: int, row: int | None, read: "_Read") -> str:
        """Write the answer to a faulty line. row: of its document, None: it is none."""
        reference = (
            _find_reference(read.lines[place] if read.lines else b"")
            if row is None
            else read.fields.document(row).reference
        )
        answer = _Rejected(first_line + place, reference, "rejected", read.findings[place])
        return msgspec.json.encode(answer).decode() + "\n"


class _Read(NamedTuple):
    """What was read of some lines. places: of the documents among them. findings: one list a line."""

    fields: DocumentFields
    places: Int64s
    findings: list[list[Finding]]
    lines: Sequence[bytes]


def read_blocks(file: BinaryIO, form: FormatName) -> Iterator[Block]:
    """Cut a file into blocks without ever holding more than a few of them."""
    if form == "ndjson":
        return (
            Block(lines.first_line, lines.content, is_full=lines.is_full) for lines in read_line_blocks(file)
        )
    if form == "csv":
        return _csv_blocks(read_csv_batches(file, CHUNK_CONSIGNMENTS))
    content = file.read()
    if form == "json":
        return iter((Block(1, decoded=decode_lines([content], Consignment)),))
    return iter((_dec_block(content),))


def decide_blocks(setup: Setup, blocks: Iterable[Block], *, workers_count: int) -> Iterator[Decided]:
    """Decide blocks in worker processes; answers come in the order of the blocks.

    Until a full one comes, or with a single worker, they are decided here. Raises as Decider does, and
    `worker-lost`.
    """
    decider = _decider_of(setup)
    waiting = iter(blocks)
    for block in waiting:
        if block.is_full and workers_count > 1:
            yield from _decide_in_workers(setup, chain((block,), waiting), workers_count)
            return
        with without_collector():
            decided = decider.decide_block(block)
        yield decided


def _decide_in_workers(setup: Setup, blocks: Iterable[Block], workers_count: int) -> Iterator[Decided]:
    keep_pages()
    # A forked worker finds law and lists where its parent has them; a spawned one loads them itself.
    method = "fork" if sys.platform == "linux" else "spawn"
    ahead_count = workers_count + 1
    # One more than are ahead waits for its turn, and one is being answered.
    _SLOTS[:] = make_slots(ahead_count + 2) if method == "fork" else []
    workers = ProcessPoolExecutor(
        workers_count,
        mp_context=multiprocessing.get_context(method),
        initializer=_begin_worker,
        initargs=(setup,),
    )
    try:
        yield from _decide_in_order(workers, blocks, ahead_count=ahead_count)
    except BrokenProcessPool as fault:
        raise SeraiError(
            "worker-lost",
            "A worker process ended before its work was done; what was printed is right, the rest missing.",
            "See whether the machine ran out of memory, then run it again, perhaps with fewer --workers.",
        ) from fault
    finally:
        workers.shutdown(wait=True, cancel_futures=True)


def _decide_in_order(
    workers: ProcessPoolExecutor, blocks: Iterable[Block], *, ahead_count: int
) -> Iterator[Decided]:
    pending: deque[tuple[int, Future[Decided]]] = deque()
    free = deque(range(len(_SLOTS)))
    for block in blocks:
        number = free.popleft() if free and block.content else -1
        if number >= 0 and _SLOTS[number].put(block.content):
            pending.append((number, workers.submit(_decide_slot, number, replace(block, content=b""))))
        else:
            pending.append((number, workers.submit(_decide_in_worker, block)))
        # Reading on may take as long as the sender likes: what it has sent so far is answered first.
        while len(pending) > (ahead_count if block.is_full else 0):
            yield _collect(pending, free)
    while pending:
        yield _collect(pending, free)


def _collect(pending: deque[tuple[int, Future[Decided]]], free: deque[int]) -> Decided:
    """Wait for the oldest block; its answers may lie in its slot, which is free from then on."""
    number, future = pending.popleft()
    decided = future.result()
    if number >= 0:
        free.append(number)
        if not decided.answers:
            decided = replace(decided, answers=_SLOTS[number].get())
    return decided


_SLOTS: list[Slot] = []
"""Memory shared with forked workers, made before they are."""

_DECIDERS: list[tuple[Setup, Decider]] = []
"""The one decider of this process, made before workers are forked."""


def _decider_of(setup: Setup) -> Decider:
    if not _DECIDERS or _DECIDERS[0][0] is not setup:
        _DECIDERS[:] = [(setup, Decider(setup))]
    return _DECIDERS[0][1]


def _begin_worker(setup: Setup) -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone answers it, and ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _decider_of(setup)
    gc.disable()


def _decide_in_worker(block: Block) -> Decided:
    return _DECIDERS[0][1].decide_block(block)


def _decide_slot(number: int, block: Block) -> Decided:
    slot = _SLOTS[number]
    decided = _decide_in_worker(replace(block, content=slot.get()))
    return replace(decided, answers=b"") if slot.put(decided.answers) else decided


# ---- law and lists ----


class _ListFile(NamedTuple):
    """A list by its kind."""

    kind: str
    name: str
    content: bytes


def read_laws_lists(list_files: Mapping[str, bytes]) -> ListRows:
    """Decode what laws count with among files of lists. Raises LawPackError, `list-file-unknown`."""
    return read_list_rows(
        [_ListFile(list_kind_of(name, content), name, content) for name, content in list_files.items()]
    )


def book_of(setup: Setup, *, known_on: dt.date | None = None) -> LawBook:
    """Load the law of a setup with its lists. known_on: as of LawBook. Raises LawPackError, `law-unknown`,
    `list-file-unknown`.
    """
    rows = read_laws_lists(setup.list_files)
    return load_book(
        setup.law_files,
        codes=None if setup.law is None else _codes_with(setup.law, setup.law_files),
        tariff_lines=rows.lines,
        exchange_rates=rows.rates,
        scheme_entries=rows.scheme_entries,
        known_on=known_on,
    )


def _codes_with(code: str, law_files: Mapping[str, bytes]) -> list[str]:
    """Return the base law asked for and every layer that may lie over it."""
    packs = [one.pack for one in read_packs(law_files)]
    if code not in {pack.code for pack in packs if pack.layer == BASE_LAYER}:
        known = ", ".join(pack.code for pack in packs if pack.layer == BASE_LAYER)
        raise SeraiError("law-unknown", f"There is no base law {code}.", f"Say auto, or one of: {known}.")
    return [code, *(pack.code for pack in packs if pack.layer != BASE_LAYER)]


def load_lists(law_files: Mapping[str, bytes], list_files: Mapping[str, bytes]) -> Lists:
    """Build the lists of screening among files of lists. Raises ListFileError, `list-file-unknown`."""
    entries: list[ListEntry] = []
    for name, content in list_files.items():
        if list_kind_of(name, content) == "denied-parties":
            entries += decode_list(content, name)
    words = read_vague_words(law_files.get(VAGUE_WORDS, b""))
    return build_lists(entries, words, read_goods_kinds(law_files))


# ---- blocks ----


def _csv_blocks(batches: Iterator[list[CsvConsignment]]) -> Iterator[Block]:
    """Blocks of consignments; a line is a consignment's place in the file, and pointers name its rows."""
    first = 1
    for chunk in batches:
        decoded = Decoded(
            [row.document for row in chunk], [row.canonical for row in chunk], [row.findings for row in chunk]
        )
        yield Block(first, decoded=decoded, is_full=len(chunk) == CHUNK_CONSIGNMENTS)
        first += len(chunk)


def _dec_block(content: bytes) -> Block:
    message, findings = decode_dec(content)
    if message is not None and message.consignment is None:
        raise SeraiError(
            "act-needs-case",
            f"The message asks for an {message.act} of an earlier declaration, which only the server knows.",
            "Send it to the server; `serai decide` takes original declarations.",
        )
    document = message.consignment if message else None
    return Block(1, decoded=Decoded([document], [None], [findings]))


def _join(parts: Sequence[Decided]) -> Decided:
    if len(parts) == 1:
        return parts[0]
    return Decided(
        b"".join(part.answers for part in parts),
        sum(part.decided_count for part in parts),
        sum(part.rejected_count for part in parts),
        sum(part.goods_items_count for part in parts),
    )


def _escaped(references: Texts) -> Texts:
    """Escape references for JSON: they hold printable ASCII only, so quotes and backslashes are all."""
    if isinstance(references, list):
        return [_json(reference)[1:-1] for reference in references]
    signs = text_bytes(references)
    if not ((signs == ord("\\")) | (signs == ord('"'))).any():
        return references
    doubled = pc.replace_substring(references, "\\", "\\\\")
    return pc.replace_substring(doubled, '"', '\\"')


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _find_reference(line: bytes) -> str:
    """Return the reference of a line that is no document, for its sender to find it; else nothing."""
    try:
        return msgspec.json.decode(line, type=_OnlyReference).reference
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
