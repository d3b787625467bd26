"""Connections are accepted in one process and handed to web processes in turn, each to one that is ready.

Processes that share a listening socket do not share its connections: the one that wakes first takes nearly
all of fifty, and the other core idles (docs/decisions/0012-connections-handed-out.md).
"""

import asyncio
import socket
import threading
from collections import deque

import uvicorn

_READY = b"r"
_FDS_COUNT_MAX = 16


class Handout:
    """Accepts what arrives at a listening socket, for the web processes that said they are ready.

    While none is ready a connection waits, in the socket's own queue but for one. One that a web process had
    when it ended is lost with it, as any connection of it.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._ready: deque[socket.socket] = deque()
        self._changed = threading.Condition()
        threading.Thread(target=self._hand_out, name="hand-out", daemon=True).start()

    def open_channel(self) -> socket.socket:
        """Return the end that a new web process takes its connections from; close it here once that runs."""
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._follow, args=(ours,), name="follow-channel", daemon=True).start()
        return theirs

    def _follow(self, channel: socket.socket) -> None:
        with channel:
            if _listen_to(channel) != _READY:
                return
            with self._changed:
                self._ready.append(channel)
                self._changed.notify()
            # Nothing else is ever said: this returns when the process has ended.
            _listen_to(channel)
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
            channel = self._ready[0]
            self._ready.rotate(-1)
            try:
                socket.send_fds(channel, [_READY], [connection.fileno()])
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


class HandedServer(uvicorn.Server):
    """A web server whose connections come from a `Handout`."""

    def __init__(self, config: uvicorn.Config, channel: socket.socket) -> None:
        super().__init__(config)
        self._channel = channel
        self._opening: set[asyncio.Task[object]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application, then say that connections may come."""
        await super().startup(sockets=sockets or [])
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._channel.send(_READY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer what is asked, close."""
        asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.close()
        await super().shutdown(sockets=sockets)

    def _take(self) -> None:
        said, descriptors, _, _ = socket.recv_fds(self._channel, _FDS_COUNT_MAX, _FDS_COUNT_MAX)
        loop = asyncio.get_running_loop()
        if not said:
            # Who accepts has ended; this process is told otherwise.
            loop.remove_reader(self._channel)
        for descriptor in descriptors:
            connection = socket.socket(fileno=descriptor)
            connection.setblocking(False)
            task: asyncio.Task[object] = loop.create_task(
                loop.connect_accepted_socket(self._protocol, connection)
            )
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
