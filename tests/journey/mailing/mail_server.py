"""A small mail server (RFC 5321) that does what a test asks of it: takes, refuses, breaks off."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec


class Taken(msgspec.Struct):
    """A message as it came in."""

    mail_from: str
    recipient: str
    content: str


class MailServer(msgspec.Struct):
    """What came in, and what is to be answered. answers: to a command, instead of 250. breaks_at: the command
    after which the connection ends; `end`: after the text was taken."""

    port: int
    taken: list[Taken] = []
    answers: dict[str, str] = {}
    breaks_at: str = ""
    before_end: Callable[[], None] = lambda: None
    connections_count: int = 0


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a server on this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = MailServer(listener.getsockname()[1], [], {})
    thread = threading.Thread(target=_serve, args=(listener, server), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        # To close it does not wake who accepts.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _serve(listener: socket.socket, server: MailServer) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        server.connections_count += 1
        with connection, connection.makefile("rwb") as stream:
            try:
                _talk(stream, server)
            except OSError:
                continue


def _talk(stream: Any, server: MailServer) -> None:
    def say(line: str) -> None:
        stream.write(line.encode() + b"\r\n")
        stream.flush()

    say("220 here")
    mail_from = recipient = ""
    for raw in stream:
        line = raw.decode().strip()
        command = line.partition(" ")[0].upper()
        if command == server.breaks_at:
            return
        if command in server.answers:
            say(server.answers[command])
        elif command == "EHLO":
            say("250-here\r\n250 DSN")
        elif command == "DATA":
            say("354 go on")
            content = b"".join(iter(stream.readline, b".\r\n")).decode()
            server.before_end()
            if "END" not in server.answers:
                server.taken.append(Taken(mail_from, recipient, content))
            if server.breaks_at == "end":
                return
            say(server.answers.get("END", "250 2.0.0 taken"))
        else:
            mail_from = line if command == "MAIL" else mail_from
            recipient = line if command == "RCPT" else recipient
            say("250 2.1.0 fine")
        if command == "QUIT":
            return
