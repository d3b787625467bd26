"""HTTP for declarations: `POST /v1/consignments` with one (JSON, WCO DEC) or many (NDJSON streamed both ways,
CSV, WCO DEC as parts of a multipart body)."""

import asyncio
from typing import Any, Final, cast

from litestar import Request, Response, post

<<<<<<< HEAD
from serai.formats.csv_rows import CsvDocument, at_cell, read_csv_documents
from serai.formats.decoded import Document
=======
>>>>>>> main
from serai.formats.registry import FORMATS
from serai.formats.wco_dec import decode_dec
from serai.foundation.http.body import open_body
from serai.foundation.http.document_problems import NOT_TAKEN
from serai.foundation.http.line_stream import LineStream
from serai.foundation.http.lines import read_lines
from serai.foundation.http.mixed_parts import read_boundary, read_parts
from serai.foundation.http.respond import actor_of, answer_document
from serai.foundation.settings import ServerSettings
from serai.journey.advise.api_bulk import answer_csv, answer_lines, answer_parts
from serai.journey.advise.filing_door import FilingDoor, LaterActs

_MEDIA_TYPES: Final = tuple(name for form in FORMATS.values() for name in form.content_types)
_CSV: Final = FORMATS["csv"].content_types
_NDJSON: Final = FORMATS["ndjson"].content_types
_XML: Final = FORMATS["wco-dec"].content_types
_MULTIPART: Final = "multipart/mixed"


@post(
    "/v1/consignments",
    opt={"act": "consignments.file"},
    status_code=200,
    responses=NOT_TAKEN,
    request_max_body_size=None,
    tags=["Filing"],
    summary="File consignments: one as JSON or WCO DEC XML, many as NDJSON, CSV or multipart of XML.",
)
async def file_consignments(request: Request[Any, Any, Any]) -> Response[Any]:
    """Decide what is filed; a reply means decided and durable. One that is not taken is a problem. Many: one
    line for each, a trailer at the end."""
    return await answer_filing(request, "consignment", (*_MEDIA_TYPES, _MULTIPART))


async def answer_filing(
    request: Request[Any, Any, Any], kind: str, media_types: tuple[str, ...]
) -> Response[Any]:
    """Read a body of documents of one kind in the form its content type names, and answer in kind."""
    settings = cast("ServerSettings", request.app.state["server_settings"])
    door = cast("FilingDoor", request.app.state["doors"][kind])
    actor = actor_of(request)
    many = request.content_type[0].lower() in (*_NDJSON, *_CSV, _MULTIPART)
    body = open_body(
        request,
        media_types=media_types,
        bytes_max=settings.max_stream_bytes if many else settings.max_request_bytes,
    )
    if body.media_type in _NDJSON:
        lines = read_lines(body, line_bytes_max=settings.max_line_bytes)
        return LineStream(
            body,
            answer_lines(door, actor, kind, lines, settings.max_line_bytes),
            file_bytes_max=settings.max_spill_bytes,
        )
    if body.media_type in _CSV:
<<<<<<< HEAD
        return LineStream(body, _answer_csv(door, actor, kind, body), file_bytes_max=settings.max_spill_bytes)
=======
        return LineStream(body, answer_csv(door, actor, body), file_bytes_max=settings.max_spill_bytes)
>>>>>>> main
    if body.media_type == _MULTIPART:
        boundary = read_boundary(request.content_type[1])
        parts = read_parts(body, boundary, part_bytes_max=settings.max_request_bytes)
        return LineStream(
            body,
            answer_parts(door, actor, parts, settings.max_request_bytes),
            file_bytes_max=settings.max_spill_bytes,
        )
    content = await body.read()
    if body.media_type in _XML:
        message, faults = await asyncio.to_thread(decode_dec, content)
        if message is not None and message.act != "original":
            acts = cast("LaterActs", request.app.state["acts"])
            return answer_document(*await acts.clear_dec_for(actor, message, content))
        document = message.consignment if message is not None else None
        answers = await door.file(actor, kind, documents=[document], findings=[faults])
    else:
        answers = await door.file(actor, kind, lines=[content])
    return _one(door, answers[0])


def _one(door: FilingDoor, answer: Any) -> Response[Any]:
<<<<<<< HEAD
    return _response(*door.encode_one(answer))


def _response(status: int, content: bytes) -> Response[Any]:
    media_type = JSON if status == 200 else PROBLEM_MEDIA_TYPE
    return Response(content, media_type=media_type, status_code=status)


async def _answer_lines(
    door: FilingDoor, actor: Actor, kind: str, incoming: AsyncIterator[Lines], line_bytes_max: int
) -> AsyncGenerator[bytes]:
    """Answer NDJSON chunk by chunk, in order; while one chunk is decided the next is read.

    A chunk is full, or its sender pauses: one that waits for answers before it sends on must get them. If
    reading fails, what was begun before is answered first.
    """
    counts: Counter[str] = Counter()
    gate = _Gate(door, actor)
    too_long = _LongLines(line_bytes_max)
    under_way: list[tuple[int, asyncio.Task[list[Any]]]] = []
    gathered: list[bytes] = []
    first_line = 1
    is_ended = has_paused = False
    reading: asyncio.Task[Lines | None] | None = None
    fault: BaseException | None = None
    try:
        while gathered or under_way or not is_ended:
            is_due = is_ended or len(gathered) >= _CHUNK_COUNT or (has_paused and not under_way)
            if gathered and is_due and len(under_way) < _CHUNKS_UNDER_WAY:
                chunk, gathered = gathered[:_CHUNK_COUNT], gathered[_CHUNK_COUNT:]
                work = gate.file(kind, lines=chunk)
                under_way.append((first_line, asyncio.create_task(work)))
                first_line += len(chunk)
                continue
            if reading is None and not is_ended and len(gathered) < _CHUNK_COUNT:
                reading = asyncio.create_task(_next_lines(incoming))
            has_paused = not await _wait_for_any(reading, under_way, pauses=bool(gathered and not under_way))
            if under_way and under_way[0][1].done():
                yield await _finish(door, under_way.pop(0), counts, too_long)
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
    yield door.trailer(counts)


class _Gate:
    """The door for one stream: what cannot be taken before the first answer is raised; later, that chunk and
    all that follow are answered as not accepted, and nothing more is tried."""

    def __init__(self, door: FilingDoor, actor: Actor) -> None:
        self._door = door
        self._actor = actor
        self._is_first = True
        self._closed_by: SeraiError | None = None

    async def file(
        self,
        kind: str,
        *,
        lines: Sequence[bytes] = (),
        documents: Sequence[Document | None] = (),
        findings: Sequence[list[Finding]] = (),
    ) -> list[Any]:
        """File a chunk; one answer each. Raises SeraiError `body-packed` at the first."""
        is_first, self._is_first = self._is_first, False
        if is_first and lines and lines[0].startswith(_PACKED):
            # A packed file may hold whole lines as they are: some of them would be taken.
            raise SeraiError(
                "body-packed", "This is a packed file, not lines.", "Unpack it and send what is in it."
            )
        if self._closed_by is None:
            try:
                return await self._door.file(
                    self._actor,
                    kind,
                    lines=lines,
                    documents=documents,
                    findings=findings,
                    may_wait=not is_first,
                )
            except SeraiError as error:
                if is_first:
                    raise
                self._closed_by = error
        refuse = partial(self._door.refuse, self._closed_by, lines=lines, documents=documents)
        return await asyncio.to_thread(refuse)


async def _next_lines(incoming: AsyncIterator[Lines]) -> Lines | None:
    return await anext(incoming, None)


async def _wait_for_any(
    reading: asyncio.Task[Lines | None] | None,
    under_way: Sequence[tuple[int, asyncio.Task[list[Any]]]],
    *,
    pauses: bool,
) -> bool:
    """Wait for lines or for the oldest chunk's answers; False if neither came before the sender paused."""
    waited_for: list[asyncio.Task[Any]] = [] if reading is None else [reading]
    waited_for += [task for _, task in under_way[:1]]
    timeout_s = _PAUSE_S if pauses else None
    done, _ = await asyncio.wait(waited_for, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)


class _LongLines:
    """Numbers of lines beyond the limit whose chunk has not been answered yet."""

    def __init__(self, bytes_max: int) -> None:
        self.numbers: set[int] = set()
        self._bytes_max = bytes_max

    def tell(self, answers: list[Any], first_line: int) -> None:
        """Say of such lines that they were too long, not that they were empty."""
        fault = Finding("message-too-large", "", parameters={"bytes_max": str(self._bytes_max)})
        for number in [one for one in self.numbers if one < first_line + len(answers)]:
            self.numbers.discard(number)
            place = number - first_line
            answers[place] = msgspec.structs.replace(answers[place], findings=[fault])


async def _finish(
    door: FilingDoor,
    begun: tuple[int, asyncio.Task[list[Any]]],
    counts: Counter[str],
    too_long: _LongLines,
) -> bytes:
    first_line, task = begun
    answers = await asyncio.shield(task)
    if too_long.numbers:
        too_long.tell(answers, first_line)
    counts.update(answer.status for answer in answers)
    return await asyncio.to_thread(door.encode_lines, answers, first_line)


async def _answer_csv(door: FilingDoor, actor: Actor, kind: str, body: Body) -> AsyncGenerator[bytes]:
    """Answer a CSV file: spooled to a file as it comes, then read document by document."""
    counts: Counter[str] = Counter()
    gate = _Gate(door, actor)
    first_line = 1
    with tempfile.SpooledTemporaryFile(max_size=1 << 20) as spool:
        async for chunk in body.chunks():
            spool.write(chunk)
        spool.seek(0)
        rows = read_csv_documents(iter(lambda: spool.read(1 << 16), b""), kind)
        while part := await asyncio.to_thread(_take, rows):
            answers = await gate.file(
                kind,
                documents=[row.document for row in part],
                findings=[row.findings for row in part],
            )
            counts.update(answer.status for answer in answers)
            placed = [_at_cells(answer, row) for answer, row in zip(answers, part, strict=True)]
            yield await asyncio.to_thread(door.encode_lines, placed, first_line)
            first_line += len(part)
    yield door.trailer(counts)


def _at_cells(answer: Any, row: CsvDocument[Any]) -> Any:
    """Say faults of what a row says by its cells, as those of its form are said."""
    if not answer.findings:
        return answer
    findings = [at_cell(finding, row.first_row) for finding in answer.findings]
    return msgspec.structs.replace(answer, findings=findings)


async def _answer_parts(
    door: FilingDoor, actor: Actor, incoming: AsyncIterator[list[Part]], part_bytes_max: int
) -> AsyncGenerator[bytes]:
    """Answer a body of WCO DEC messages, a line for each part; while some are decided the next are read.

    What is whole is answered, also where the body was cut off after it.
    """
    counts: Counter[str] = Counter()
    gate = _Gate(door, actor)
    under_way: list[tuple[int, asyncio.Task[list[Any]]]] = []
    none_too_long = _LongLines(part_bytes_max)
    first_line = 1
    fault: SeraiError | None = None
    try:
        async for chunk in _in_chunks(incoming):
            read = await asyncio.to_thread(_read_parts, chunk, part_bytes_max)
            if len(under_way) == _CHUNKS_UNDER_WAY:
                yield await _finish(door, under_way.pop(0), counts, none_too_long)
            work = gate.file("consignment", documents=read.documents, findings=read.findings)
            under_way.append((first_line, asyncio.create_task(work)))
            first_line += len(chunk)
    except SeraiError as error:
        fault = error
    finally:
        for _, task in under_way:
            task.add_done_callback(lambda done: done.exception() if not done.cancelled() else None)
    for begun in under_way:
        yield await _finish(door, begun, counts, none_too_long)
    if fault is not None:
        raise fault
    yield door.trailer(counts)


async def _in_chunks(incoming: AsyncIterator[list[Part]]) -> AsyncIterator[list[Part]]:
    """Gather parts to chunks, by number and by bytes; what came whole before a cut is given first."""
    gathered: list[Part] = []
    held_bytes = 0
    fault: SeraiError | None = None
    try:
        async for parts in incoming:
            for part in parts:
                gathered.append(part)
                held_bytes += len(part.content)
                if len(gathered) == _CHUNK_COUNT or held_bytes >= _CHUNK_BYTES:
                    yield gathered
                    gathered, held_bytes = [], 0
    except SeraiError as error:
        fault = error
    if gathered:
        yield gathered
    if fault is not None:
        raise fault


class _ReadParts(NamedTuple):
    """Two lists, one entry a part."""

    documents: list[Consignment | None]
    findings: list[list[Finding]]


def _read_parts(parts: Sequence[Part], bytes_max: int) -> _ReadParts:
    read = _ReadParts([], [])
    for part in parts:
        document, findings = _read_part(part, bytes_max)
        read.documents.append(document)
        read.findings.append(findings)
    return read


def _read_part(part: Part, bytes_max: int) -> tuple[Consignment | None, list[Finding]]:
    if part.is_too_long:
        return None, [Finding("message-too-large", "", parameters={"bytes_max": str(bytes_max)})]
    if part.media_type not in _OF_PARTS:
        return None, [Finding("not-xml", "")]
    message, faults = decode_dec(part.content)
    if message is not None and message.act != "original":
        return None, [Finding("act-not-in-bulk", "", parameters={"act": message.act})]
    return (message.consignment if message is not None else None), faults


def _take(rows: Iterator[CsvDocument[Any]]) -> list[CsvDocument[Any]]:
    return list(islice(rows, _CHUNK_COUNT))
=======
    return answer_document(*door.encode_one(answer))
>>>>>>> main
