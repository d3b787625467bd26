"""Connections are handed to those that are ready, in turn, and to nobody who has ended."""

import select
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from serai.cli import connections
from serai.cli.connections import Handout

_PATIENCE_S = 5


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def _connect(listener: socket.socket) -> socket.socket:
    return socket.create_connection(listener.getsockname(), timeout=_PATIENCE_S)


def _open_channel(handout: Handout) -> socket.socket:
    channel, _ = handout.open_channel()
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _PATIENCE_S, 0))
    return channel


def _take(channel: socket.socket) -> socket.socket:
    _, (descriptor,), _, _ = socket.recv_fds(channel, 1, 1)
    return socket.socket(fileno=descriptor)


def test_each_gets_its_turn(listener: socket.socket) -> None:
    handout = Handout(listener)
    with _open_channel(handout) as first, _open_channel(handout) as second:
        first.send(b"r")
        with _connect(listener) as client, _take(first) as connection:
            client.send(b"hello")
            assert connection.recv(5) == b"hello"
        second.send(b"r")
        while not select.select([second], [], [], 0.05)[0]:
            _connect(listener).close()
        _take(second).close()
        # From when the second is ready they alternate.
        for _ in range(4):
            _connect(listener).close()
        _take(second).close()
        _take(second).close()


def test_who_has_ended_gets_none(listener: socket.socket) -> None:
    handout = Handout(listener)
    with _open_channel(handout) as first:
        first.send(b"r")
        _connect(listener).close()
        _take(first).close()
    with _open_channel(handout) as second:
        # Nobody is there yet: these wait.
        clients = [_connect(listener) for _ in range(3)]
        second.send(b"r")
        for client in clients:
            with client, _take(second) as connection:
                client.send(b"x")
                assert connection.recv(1) == b"x"


def test_who_has_fallen_silent_gets_none_while_another_is_ready(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_SILENT_S", 0.3)
    handout = Handout(listener)
    with _open_channel(handout) as hung, _open_channel(handout) as well:
        for channel in (hung, well):
            channel.send(b"r")
        while not select.select([well], [], [], 0.05)[0]:
            _connect(listener).close()
        while select.select([hung], [], [], 0)[0]:
            _take(hung).close()
        _take(well).close()
        time.sleep(0.4)
        well.send(b"b")
        time.sleep(0.05)

        for _ in range(6):
            with _connect(listener) as client, _take(well) as connection:
                client.send(b"x")
                assert connection.recv(1) == b"x"

        assert not select.select([hung], [], [], 0)[0]


def test_who_is_retired_has_what_it_was_handed_and_then_the_end(listener: socket.socket) -> None:
    handout = Handout(listener)
    theirs, channel = handout.open_channel()
    with theirs, _open_channel(handout) as other:
        theirs.settimeout(_PATIENCE_S)
        theirs.send(b"r")
        with _connect(listener) as client:
            while not channel.has_begun:
                time.sleep(0.01)
            client.send(b"hello")
            select.select([theirs], [], [], _PATIENCE_S)
            handout.retire(channel)
            other.send(b"r")
            with _take(theirs) as connection:
                assert connection.recv(5) == b"hello"
            assert theirs.recv(1) == b""

        for _ in range(3):
            with _connect(listener) as client, _take(other) as connection:
                client.send(b"x")
                assert connection.recv(1) == b"x"
