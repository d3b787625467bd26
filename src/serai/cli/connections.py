"""Connections are accepted in one process and handed to web processes in turn, each to one that is ready.

Processes that share a listening socket do not share its connections: the one that wakes first takes nearly
all of fifty, and the other core idles (docs/decisions/0012-connections-handed-out.md).
"""

import asyncio
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Any, Final

import uvicorn

from serai.cli.watched_connections import ConnectionWatch, WatchedProtocol

_READY = b"r"
_BEAT = b"b"
_BEAT_S: Final = 1.0
_SILENT_S: Final = 3.0
"""After so long without a beat a web process gets no connection while another one is ready."""
_TICKS_A_BEAT: Final = round(_BEAT_S / 0.1)
"""uvicorn's server ticks ten times a second."""
_FIRST_WORDS_S: Final = 5.0
"""So long a connection that is open when its process retires may be silent before it is closed."""
_FDS_COUNT_MAX = 16


class Channel:
    """One web process as seen from here. ours: the end that connections are handed through."""

    def __init__(self, ours: socket.socket) -> None:
        self.ours = ours
        self._opened_s = time.monotonic()
        self._heard_s: float | None = None

    def hear(self) -> None:
        """Note that the process has just said something."""
        self._heard_s = time.monotonic()

    @property
    def has_begun(self) -> bool:
        """Say whether the process has said that connections may come."""
        return self._heard_s is not None

    def awaited_s(self) -> float:
        """Return for how long a process that has not begun has been waited for; 0.0 once it has."""
        return 0.0 if self.has_begun else time.monotonic() - self._opened_s

    def silent_s(self) -> float:
        """Return for how long the event loop of a process that had begun has not run; 0.0 before it began."""
        return 0.0 if self._heard_s is None else time.monotonic() - self._heard_s


class Handout:
    """Accepts what arrives at a listening socket, for the web processes that said they are ready.

    While none is ready a connection waits, in the socket's own queue but for one. One that a web process had
    when it ended is lost with it, as any connection of it.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._ready: deque[Channel] = deque()
        self._changed = threading.Condition()
        threading.Thread(target=self._hand_out, name="hand-out", daemon=True).start()

    def open_channel(self) -> tuple[socket.socket, Channel]:
        """Return the end that a new web process takes its connections from, to be closed here once that runs,
        and what tells of it from now on."""
        ours, theirs = socket.socketpair()
        channel = Channel(ours)
        threading.Thread(target=self._follow, args=(channel,), name="follow-channel", daemon=True).start()
        return theirs, channel

    def retire(self, channel: Channel) -> None:
        """Hand no more connections to a web process; when it has answered those it has, it ends."""
        with self._changed:
            if channel in self._ready:
                self._ready.remove(channel)
            with suppress(OSError):  # it has just ended
                channel.ours.shutdown(socket.SHUT_WR)

    def _follow(self, channel: Channel) -> None:
        with channel.ours:
            if _listen_to(channel.ours) != _READY:
                return
            channel.hear()
            with self._changed:
                self._ready.append(channel)
                self._changed.notify()
            # Then it beats; this ends when the process has ended.
            while _listen_to(channel.ours):
                channel.hear()
            with self._changed:
                if channel in self._ready:
                    self._ready.remove(channel)

    def _hand_out(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                if self._listener.fileno() < 0:
                    return
                # The client has gone, or this process has no descriptor left: the next try may do.
                threading.Event().wait(0.01)
                continue
            with connection:
                while not self._hand_to_next(connection):
                    pass

    def _hand_to_next(self, connection: socket.socket) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._ready)
            channel = next((one for one in self._ready if one.silent_s() < _SILENT_S), self._ready[0])
            self._ready.remove(channel)
            self._ready.append(channel)
            try:
                socket.send_fds(channel.ours, [_READY], [connection.fileno()])
            except OSError:
                # It has just ended.
                self._ready.remove(channel)
                return False
            return True


def _listen_to(channel: socket.socket) -> bytes:
    try:
        return channel.recv(1)
    except ConnectionError:
        # It ended with connections not yet taken.
        return b""


def _is_answering(connection: Any) -> bool:
    return connection.cycle is not None and not connection.cycle.response_complete


class HandedServer(uvicorn.Server):
    """A web server whose connections come from a `Handout`."""

    def __init__(self, config: uvicorn.Config, channel: socket.socket, watch: ConnectionWatch) -> None:
        super().__init__(config)
        self._channel = channel
        self._watch = watch
        self._opening: set[asyncio.Task[object]] = set()
        self._retired_s: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application, then say that connections may come."""
        await super().startup(sockets=sockets or [])
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._channel.send(_READY)

    async def on_tick(self, counter: int) -> bool:
        """Beat once a second, as long as the event loop turns."""
        if counter % _TICKS_A_BEAT == 0:
            with suppress(OSError):  # who listens has ended, or has not listened for a long time
                self._channel.send(_BEAT, socket.MSG_DONTWAIT)
        return await super().on_tick(counter) or self._has_answered_all()

    def _has_answered_all(self) -> bool:
        """Say whether a process that gets no more connections has nothing left to do."""
        if self._retired_s is None or self._opening:
            return False
        # A client that has a connection and has not asked yet may just do so.
        may_ask = time.monotonic() < self._retired_s + _FIRST_WORDS_S
        return not any(may_ask or _is_answering(connection) for connection in self.server_state.connections)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer what is asked, close."""
        asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.close()
        await super().shutdown(sockets=sockets)

    def _take(self) -> None:
        said, descriptors, _, _ = socket.recv_fds(self._channel, _FDS_COUNT_MAX, _FDS_COUNT_MAX)
        loop = asyncio.get_running_loop()
        if not said:
            loop.remove_reader(self._channel)
            self._retire()
        for descriptor in descriptors:
            connection = socket.socket(fileno=descriptor)
            connection.setblocking(False)
            task: asyncio.Task[object] = loop.create_task(
                loop.connect_accepted_socket(self._protocol, connection)
            )
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _retire(self) -> None:
        """Get no more connections, and have each client of those there are open another one for what it asks
        next."""
        self._retired_s = time.monotonic()
        self.config.encoded_headers = [*self.config.encoded_headers, (b"connection", b"close")]
        self.server_state.default_headers = self.config.encoded_headers

    def _protocol(self) -> asyncio.Protocol:
        return WatchedProtocol(
            watch=self._watch,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
