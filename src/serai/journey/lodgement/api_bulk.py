"""Bodies of many documents, answered while they come: NDJSON, CSV, WCO DEC as parts."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, NamedTuple, Self

import msgspec

from serai.formats.csv_rows import CsvDocument, cell_of, read_csv_documents
from serai.formats.decoded import Document
from serai.formats.packed import find_packed
from serai.formats.registry import FORMATS
from serai.formats.wco_dec import decode_dec, place_in_message
from serai.foundation.access.actor import Actor
from serai.foundation.disk_room import SpoolShare
from serai.foundation.http.body import Body, Lines
from serai.foundation.http.mixed_parts import Part
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.documents.submission import Answer, Places
from serai.journey.lodgement.service import LodgementService
from serai.journey.processing.rendered_decision import AskedTexts
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.languages import DEFAULT_LANGUAGE
from serai.model.message_text import MessageText


class DocumentStream:
    """One stream: what cannot be taken before the first answer is raised; later, that chunk and
    all that follow are answered as not accepted, and nothing more is tried."""

    def __init__(self, lodgement: LodgementService, actor: Actor) -> None:
        self._lodgement = lodgement
        self._actor = actor
        self._is_first = True
        self._closed_by: SeraiError | None = None

    async def submit(
        self,
        kind: str,
        *,
        lines: Sequence[bytes] = (),
        documents: Sequence[Document | None] = (),
        findings: Sequence[list[Finding]] = (),
        places: Sequence[Places | None] = (),
        is_last: bool,
    ) -> list[Answer]:
        """File a chunk; one answer each. is_last: no other follows. Raises SeraiError `body-packed` at the
        first."""
        is_first, self._is_first = self._is_first, False
        if is_first and lines and find_packed(lines[0]):
            # A packed file may hold whole lines as they are: some of them would be taken.
            raise SeraiError(
                "body-packed", "Compressed files are not accepted.", "Unpack it and send what is in it."
            )
        if self._closed_by is None:
            try:
                return await self._lodgement.submit(
                    self._actor,
                    kind,
                    lines=lines,
                    documents=documents,
                    findings=findings,
                    places=places,
                    may_wait=not is_first,
                    is_part=not (is_first and is_last),
                )
            except SeraiError as error:
                if is_first:
                    raise
                self._closed_by = error
        refuse = partial(self._lodgement.refuse, self._closed_by, lines=lines, documents=documents)
        return await asyncio.to_thread(refuse)


_OF_PARTS: Final = frozenset({"", *FORMATS["wco-dec"].media_types})
_CHUNK_COUNT: Final = 10_000
_CHUNK_LINES_COUNT: Final = 16_000
_CHUNK_BYTES: Final = 32 << 20
_CHUNKS_UNDER_WAY: Final = 2
_ANSWERS_COUNT: Final = 1_000
_IN_VAIN_COUNT: Final = 5_000
"""After so many lines on end of which not one is a document, the file is of another kind: some hundred bytes
of gzip hold millions of line ends, and each would be answered."""
_PAUSE_S: Final = 0.05
Note = Callable[[Sequence[Answer]], Awaitable[None]]


async def answer_lines(
    lodgement: LodgementService,
    actor: Actor,
    kind: str,
    incoming: AsyncIterator[Lines],
    line_bytes_max: int,
    *,
    first_line: int = 1,
    note: Note | None = None,
    asked: AskedTexts | None = None,
    problems_in: str = DEFAULT_LANGUAGE,
) -> AsyncGenerator[bytes]:
    """Answer NDJSON chunk by chunk, in order; while one chunk is decided the next is read.

    first_line: number of the first. note: is told the answers of a chunk before they are sent. asked: texts
    that are wanted in them. problems_in: the language of problems.

    A chunk is full, or its sender pauses: one that waits for answers before it sends on must get them. If
    reading fails, what was begun before is answered first. Raises SeraiError `body-holds-nothing` after
    `_IN_VAIN_COUNT` lines on end that are no documents.
    """
    counts: Counter[str] = Counter()
    stream = DocumentStream(lodgement, actor)
    too_long, in_vain = _LongLines(line_bytes_max), _LinesInVain()
    under_way: list[tuple[int, asyncio.Task[list[Answer]]]] = []
    gathered: list[bytes] = []
    is_ended = has_paused = False
    reading: asyncio.Task[Lines | None] | None = None
    fault: BaseException | None = None
    try:
        while gathered or under_way or not is_ended:
            is_due = is_ended or len(gathered) >= _CHUNK_LINES_COUNT or (has_paused and not under_way)
            if gathered and is_due and len(under_way) < _CHUNKS_UNDER_WAY:
                chunk, gathered = gathered[:_CHUNK_LINES_COUNT], gathered[_CHUNK_LINES_COUNT:]
                work = stream.submit(kind, lines=chunk, is_last=is_ended and not gathered)
                under_way.append((first_line, asyncio.create_task(work)))
                first_line += len(chunk)
                continue
            if reading is None and not is_ended and len(gathered) < _CHUNK_LINES_COUNT:
                reading = asyncio.create_task(_next_lines(incoming))
            has_paused = not await _wait_for_any(reading, under_way, pauses=bool(gathered and not under_way))
            if under_way and under_way[0][1].done():
                in_vain.count(under_way[0][1])
                async for answered in _finish(
                    lodgement,
                    under_way.pop(0),
                    counts,
                    too_long,
                    note=note,
                    asked=asked,
                    problems_in=problems_in,
                ):
                    yield answered
                in_vain.check()
            if reading is not None and reading.done():
                done, reading = reading, None
                fault = done.exception()
                lines = None if fault is not None else done.result()
                if lines is None:
                    is_ended = True
                    gathered = [] if fault is not None else gathered
                else:
                    # A line over the limit was dropped as it came; an empty one stands in its place.
                    too_long.numbers.update(lines.too_long)
                    gathered += lines.lines
    finally:
        if reading is not None:
            reading.cancel()
        for _, task in under_way:
            # What has begun is brought to its end: the sender may be gone, its documents are not half filed.
            task.add_done_callback(lambda done: done.exception() if not done.cancelled() else None)
    if fault is not None:
        raise fault
    yield lodgement.trailer(counts)


async def _next_lines(incoming: AsyncIterator[Lines]) -> Lines | None:
    return await anext(incoming, None)


async def _wait_for_any(
    reading: asyncio.Task[Lines | None] | None,
    under_way: Sequence[tuple[int, asyncio.Task[list[Answer]]]],
    *,
    pauses: bool,
) -> bool:
    """Wait for lines or for the oldest chunk's answers; False if neither came before the sender paused."""
    waited_for: list[asyncio.Task[Any]] = [] if reading is None else [reading]
    waited_for += [task for _, task in under_way[:1]]
    timeout_s = _PAUSE_S if pauses else None
    done, _ = await asyncio.wait(waited_for, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)


class _LinesInVain:
    """How many lines on end were no documents."""

    def __init__(self) -> None:
        self._count = 0

    def count(self, task: asyncio.Task[list[Answer]]) -> None:
        """Look at the answers of one more chunk, from its end."""
        if task.exception() is not None:
            return
        for place, answer in enumerate(reversed(task.result())):
            if answer.reference or answer.status != "rejected":
                self._count = place
                return
        self._count += len(task.result())

    def check(self) -> None:
        """Raise SeraiError `body-holds-nothing` after too many."""
        if self._count >= _IN_VAIN_COUNT:
            raise SeraiError(
                "body-holds-nothing",
                MessageText(
                    "Not one of {count} lines on end is a document; the rest was not read.", count=self._count
                ),
                "Send NDJSON, one JSON object a line with its reference. What was taken before stays.",
            )


class _LongLines:
    """Numbers of lines beyond the limit whose chunk has not been answered yet."""

    def __init__(self, bytes_max: int) -> None:
        self.numbers: set[int] = set()
        self._bytes_max = bytes_max

    def tell(self, answers: list[Answer], first_line: int) -> None:
        """Say of such lines that they were too long, not that they were empty."""
        fault = Finding("message-too-large", "", parameters={"bytes_max": str(self._bytes_max)})
        for number in [one for one in self.numbers if one < first_line + len(answers)]:
            self.numbers.discard(number)
            place = number - first_line
            answers[place] = msgspec.structs.replace(answers[place], findings=[fault])


async def _finish(
    lodgement: LodgementService,
    begun: tuple[int, asyncio.Task[list[Answer]]],
    counts: Counter[str],
    too_long: _LongLines,
    *,
    note: Note | None = None,
    asked: AskedTexts | None = None,
    problems_in: str = DEFAULT_LANGUAGE,
) -> AsyncGenerator[bytes]:
    first_line, task = begun
    answers = await asyncio.shield(task)
    if note is not None:
        await note(answers)
    if too_long.numbers:
        too_long.tell(answers, first_line)
    counts.update(answer.status for answer in answers)
    # Some megabytes at a time, which each copy on the way to the socket still finds in the processor's cache.
    for begin in range(0, len(answers), _ANSWERS_COUNT):
        some = answers[begin : begin + _ANSWERS_COUNT]
        if asked is not None:
            some = await asked.fill(some)
        language = None if asked is None else asked.language
        yield await beside_the_loop(
            len(some), lodgement.encode_lines, some, first_line + begin, language, problems_in
        )


class _Held:
    """What one body takes of its sender's room, until the end of the block."""

    def __init__(self, room: SpoolShare) -> None:
        self._room = room
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._room.give_back(self._bytes)

    def add(self, size_bytes: int) -> None:
        """Hold more of it. Raises SeraiError `disk-full`."""
        self._room.hold(size_bytes)
        self._bytes += size_bytes


async def answer_csv(
    lodgement: LodgementService,
    actor: Actor,
    kind: str,
    body: Body,
    room: SpoolShare,
    *,
    asked: AskedTexts | None = None,
    problems_in: str = DEFAULT_LANGUAGE,
) -> AsyncGenerator[bytes]:
    """Answer a CSV file: spooled to a file as it comes, then read document by document.

    room: what its sender's files have of what all share. Raises SeraiError `disk-full` before the first
    answer.
    """
    counts: Counter[str] = Counter()
    stream = DocumentStream(lodgement, actor)
    first_line = 1
    with tempfile.SpooledTemporaryFile(max_size=1 << 20) as spool, _Held(room) as held:
        async for chunk in body.chunks():
            held.add(len(chunk))
            spool.write(chunk)
        spool.seek(0)
        rows = read_csv_documents(iter(lambda: spool.read(1 << 16), b""), kind)
        while part := await asyncio.to_thread(_take, rows):
            answers = await stream.submit(
                kind,
                documents=[row.document for row in part],
                findings=[row.findings for row in part],
                places=[partial(cell_of, row.first_row) for row in part],
                is_last=len(part) < _CHUNK_COUNT,
            )
            counts.update(answer.status for answer in answers)
            if asked is not None:
                answers = await asked.fill(answers)
            language = None if asked is None else asked.language
            yield await beside_the_loop(
                len(answers), lodgement.encode_lines, answers, first_line, language, problems_in
            )
            first_line += len(part)
    yield lodgement.trailer(counts)


async def answer_parts(
    lodgement: LodgementService,
    actor: Actor,
    incoming: AsyncIterator[list[Part]],
    part_bytes_max: int,
    *,
    asked: AskedTexts | None = None,
    problems_in: str = DEFAULT_LANGUAGE,
) -> AsyncGenerator[bytes]:
    """Answer a body of WCO DEC messages, a line for each part; while some are decided the next are read.

    What is whole is answered, also where the body was cut off after it.
    """
    counts: Counter[str] = Counter()
    stream = DocumentStream(lodgement, actor)
    under_way: list[tuple[int, asyncio.Task[list[Answer]]]] = []
    none_too_long = _LongLines(part_bytes_max)
    first_line = 1
    fault: SeraiError | None = None
    try:
        async for chunk, is_last in _in_chunks(incoming):
            read = await asyncio.to_thread(_read_parts, chunk, part_bytes_max)
            if len(under_way) == _CHUNKS_UNDER_WAY:
                async for answered in _finish(
                    lodgement, under_way.pop(0), counts, none_too_long, asked=asked, problems_in=problems_in
                ):
                    yield answered
            work = stream.submit(
                "declaration",
                documents=read.documents,
                findings=read.findings,
                places=read.places,
                is_last=is_last,
            )
            under_way.append((first_line, asyncio.create_task(work)))
            first_line += len(chunk)
    except SeraiError as error:
        fault = error
    finally:
        for _, task in under_way:
            task.add_done_callback(lambda done: done.exception() if not done.cancelled() else None)
    for begun in under_way:
        async for answered in _finish(
            lodgement, begun, counts, none_too_long, asked=asked, problems_in=problems_in
        ):
            yield answered
    if fault is not None:
        raise fault
    yield lodgement.trailer(counts)


async def _in_chunks(incoming: AsyncIterator[list[Part]]) -> AsyncIterator[tuple[list[Part], bool]]:
    """Gather parts to chunks, by number and by bytes, each with whether it is known to be the last; what came
    whole before a cut is given first."""
    gathered: list[Part] = []
    held_bytes = 0
    fault: SeraiError | None = None
    try:
        async for parts in incoming:
            for part in parts:
                gathered.append(part)
                held_bytes += len(part.content)
                if len(gathered) == _CHUNK_COUNT or held_bytes >= _CHUNK_BYTES:
                    yield gathered, False
                    gathered, held_bytes = [], 0
    except SeraiError as error:
        fault = error
    if gathered:
        yield gathered, True
    if fault is not None:
        raise fault


class _ReadParts(NamedTuple):
    """Three lists, one entry a part."""

    documents: list[Consignment | None]
    findings: list[list[Finding]]
    places: list[Places | None]


def _read_parts(parts: Sequence[Part], bytes_max: int) -> _ReadParts:
    read = _ReadParts([], [], [])
    for part in parts:
        document, findings = _read_part(part, bytes_max)
        read.documents.append(document)
        read.findings.append(findings)
        read.places.append(partial(place_in_message, part.content))
    return read


def _read_part(part: Part, bytes_max: int) -> tuple[Consignment | None, list[Finding]]:
    if part.is_too_long:
        return None, [Finding("message-too-large", "", parameters={"bytes_max": str(bytes_max)})]
    if part.media_type not in _OF_PARTS:
        return None, [Finding("not-xml", "")]
    message, faults = decode_dec(part.content)
    if message is not None and message.act != "original":
        return None, [Finding("act-not-in-bulk", "", parameters={"act": message.act})]
    if message is None:
        return None, faults
    return message.consignment, [*faults, *message.find_unread()]


def _take(rows: Iterator[CsvDocument[Any]]) -> list[CsvDocument[Any]]:
    return list(islice(rows, _CHUNK_COUNT))
