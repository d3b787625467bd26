"""An answer of NDJSON lines that goes out while the request is still coming in.

Between a fast writer and a slow reader a little is in memory, the rest in a bounded temporary file.
"""

import asyncio
import errno
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import IO, Any, ClassVar, Final

import msgspec
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from serai.foundation.disk_room import SpoolShare
from serai.foundation.http.body import Body
from serai.foundation.http.guards import spool_share_of
from serai.foundation.http.incidents import record_incident
from serai.foundation.http.kit import Kit
from serai.foundation.http.negotiation import NDJSON
from serai.foundation.http.problems import problem_of
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of
from serai.foundation.metrics import Metrics
from serai.foundation.telemetry import telemetry
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

MEMORY_BYTES_MAX: Final = 32 << 20
"""What one stream holds in memory before its file is begun."""
SHARED_BYTES_MAX: Final = 64 << 20
"""What all streams of a process hold together, beyond OWN_BYTES of each."""
OWN_BYTES: Final = 1 << 20
GET_BYTES_MAX: Final = 1 << 18
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Spill:
    """First in, first out. One writer, one reader, one event loop.

    in_use_bytes: of the memory that all streams share.

    file_bytes_max: when the file has grown so large, `put` waits until the reader has emptied it.
    stall_s: how long `put` waits without any progress of the reader before it raises `client-stalled`.
    folder: where the file lies (it has no name there); None: the system's folder for temporary files. room:
    what such files of its reader have of what all share.
    """

    in_use_bytes: ClassVar[int] = 0

    def __init__(
        self, *, file_bytes_max: int, stall_s: float, room: SpoolShare, folder: Path | None = None
    ) -> None:
        self._room = room
        self._file_bytes_max = file_bytes_max
        self._stall_s = stall_s
        self._folder = folder
        self._memory: deque[bytes] = deque()
        self._memory_bytes = 0
        self._shared_bytes = 0
        self._file: IO[bytes] | None = None
        self._read_offset = 0
        self._write_offset = 0
        self._is_ended = False
        self._has_data = asyncio.Event()
        self._has_progress = asyncio.Event()

    async def put(self, data: bytes) -> None:
        """Take `data`; returns at once unless the file or its disk is full."""
        while not self._take(data):
            self._has_progress.clear()
            try:
                async with asyncio.timeout(self._stall_s):
                    await self._has_progress.wait()
            except TimeoutError as fault:
                raise SeraiError(
                    "client-stalled",
                    MessageText("The answers were not read for {seconds} seconds.", seconds=self._stall_s),
                    "Read the answers while sending; then send the file again, repeats are harmless.",
                ) from fault
        self._has_data.set()

    async def get(self) -> bytes:
        """Return the next bytes, waiting for some; `b""` when all has been read and the writer has ended."""
        while True:
            data = self._read_memory() or self._read_file()
            if data or self._is_ended:
                self._has_progress.set()
                return data
            self._has_data.clear()
            await self._has_data.wait()

    def end(self) -> None:
        """Say that nothing more will be put."""
        self._is_ended = True
        self._has_data.set()

    def close(self) -> None:
        """Drop what is left, and the file."""
        self._memory.clear()
        self._count_memory(0)
        if self._file is not None:
            self._file.close()
            self._file = None
            self._room.give_back(self._write_offset)

    def _take(self, data: bytes) -> bool:
        """Put `data` where there is room for it; False if there is none now."""
        if self._write_offset == 0 and self._has_memory(len(data)):
            self._hold(data)
            return True
        if not self._has_room(len(data)):
            return False
        try:
            self._room.hold(len(data))
        except SeraiError:
            return self._take_without_file(data)
        try:
            self._write_file(data)
        except OSError as fault:
            self._room.give_back(len(data))
            if fault.errno not in _NO_ROOM:
                raise
            return self._take_without_file(data)
        return True

    def _take_without_file(self, data: bytes) -> bool:
        """The reader goes on with what there is; once it has all of that, memory takes whatever comes."""
        if self._write_offset or self._memory:
            return False
        self._hold(data)
        return True

    def _has_memory(self, size_bytes: int) -> bool:
        wanted = self._memory_bytes + size_bytes
        if wanted <= OWN_BYTES:
            return True
        others = Spill.in_use_bytes - self._shared_bytes
        return wanted <= MEMORY_BYTES_MAX and others + wanted - OWN_BYTES <= SHARED_BYTES_MAX

    def _hold(self, data: bytes) -> None:
        self._memory.append(data)
        self._count_memory(self._memory_bytes + len(data))

    def _count_memory(self, size_bytes: int) -> None:
        shared = max(0, size_bytes - OWN_BYTES)
        Spill.in_use_bytes += shared - self._shared_bytes
        self._memory_bytes, self._shared_bytes = size_bytes, shared

    def _has_room(self, bytes_count: int) -> bool:
        # Something larger than the whole file is let through when nothing else lies there.
        return self._write_offset == 0 or self._write_offset + bytes_count <= self._file_bytes_max

    def _write_file(self, data: bytes) -> None:
        # In the event loop: it goes to the page cache, and a hop to a thread costs more than the copy.
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115
        self._file.seek(self._write_offset)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) or 0 :]
        self._write_offset += len(data)

    def _read_memory(self) -> bytes:
        if not self._memory:
            return b""
        pieces = [self._memory.popleft()]
        size_bytes = len(pieces[0])
        while self._memory and size_bytes + len(self._memory[0]) <= OWN_BYTES:
            pieces.append(self._memory.popleft())
            size_bytes += len(pieces[-1])
        self._count_memory(self._memory_bytes - size_bytes)
        return b"".join(pieces)

    def _read_file(self) -> bytes:
        if self._file is None or self._write_offset == 0:
            return b""
        self._file.seek(self._read_offset)
        data = self._file.read(min(GET_BYTES_MAX, self._write_offset - self._read_offset))
        self._read_offset += len(data)
        if self._read_offset == self._write_offset:  # empty: start again at the front, memory first
            self._room.give_back(self._write_offset)
            self._read_offset = self._write_offset = 0
            self._file.truncate(0)
        return data


FILE_BYTES_MAX: Final = 1 << 30
STALL_S: Final = 120.0


class LineStream(Response[None]):
    r"""Lines out while lines come in.

    answers: yields one or more whole lines at a time, each ending in `\n`; it reads `body` itself, and
    its own last line is the trailer. The server reads on whether or not the client reads: what the client
    has not fetched waits in memory and in a file of at most `file_bytes_max`, then reading slows down.

    An error before the first answer becomes an ordinary problem with its status. Later `answers` itself says
    of each line that it is not accepted; what it raises all the same becomes a last line
    `{"status": "stopped", "problem": {...}}`, and there is no trailer: the file is to be sent again.
    If the client goes away after its body was complete, the work is finished and the answers are dropped.
    """

    def __init__(
        self,
        body: Body,
        answers: AsyncGenerator[bytes],
        *,
        file_bytes_max: int = FILE_BYTES_MAX,
        stall_s: float = STALL_S,
        folder: Path | None = None,
    ) -> None:
        super().__init__(content=None, media_type=NDJSON)
        self._body = body
        self._answers = answers
        self._make_spill: Callable[[SpoolShare], Spill] = lambda room: Spill(
            file_bytes_max=file_bytes_max, stall_s=stall_s, room=room, folder=folder
        )

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        """Return what Litestar calls to send the answer."""
        return _Streaming(self._body, self._answers, self._make_spill)


class _Streaming(ASGIResponse):
    """Two tasks: one takes answers and spills them, one sends; neither waits for the other."""

    def __init__(
        self, incoming: Body, answers: AsyncGenerator[bytes], make_spill: Callable[[SpoolShare], Spill]
    ) -> None:
        # A proxy that buffers would undo the stream.
        super().__init__(media_type=NDJSON, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._incoming = incoming
        self._answers = answers
        self._make_spill = make_spill

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive  # the body holds it
        async with aclosing(self._answers) as answers:
            first = await anext(answers, b"")  # its error is still an ordinary problem
            headers = [header for header in self.encode_headers() if header[0] != b"content-length"]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            spill = self._make_spill(spool_share_of(ASGIConnection(scope)))
            await spill.put(first)
            sender = asyncio.create_task(self._send_on(spill, send))
            try:
                await _fill(spill, answers, scope)
                await sender
            finally:
                sender.cancel()
                with suppress(asyncio.CancelledError):
                    await sender
                spill.close()

    async def _send_on(self, spill: Spill, send: Send) -> None:
        gone: asyncio.Task[None] | None = None
        try:
            while data := await spill.get():
                if gone is None and self._incoming.is_complete:
                    gone = asyncio.create_task(self._incoming.wait_until_gone())
                if gone is None or not gone.done():
                    await send({"type": "http.response.body", "body": data, "more_body": True})
            if gone is None or not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if gone is not None:
                gone.cancel()


async def _fill(spill: Spill, answers: AsyncGenerator[bytes], scope: Scope) -> None:
    """Move all answers into the spill; an error becomes the last line."""
    try:
        async for lines in answers:
            await spill.put(lines)
    except SeraiError as error:
        if error.code in {"client-gone", "client-stalled"}:
            telemetry().info("stream-ended-early", code=error.code)
            raise
        await spill.put(_stopped(error, scope))
    except Exception as fault:  # noqa: BLE001 - the edge of the system: recorded, and said in the stream
        await spill.put(_stopped(record_incident(fault, _metrics_of(scope)), scope))
    spill.end()


def _metrics_of(scope: Scope) -> Metrics:
    return provided(ASGIConnection(scope), Kit).metrics


def _stopped(error: SeraiError, scope: Scope) -> bytes:
    language = language_of(ASGIConnection(scope))
    problem = problem_of(error, str(scope["state"].get("request_id", "")), language)
    return msgspec.json.encode({"status": "stopped", "problem": problem}) + b"\n"
