"""Asking a server: one connection, kept between requests; whatever it does is an answer or a sentence."""

import re
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import msgspec

from serai.model.errors import SeraiError

SILENCE_S = 60
ANSWER_BYTES_MAX = 64 * 1024 * 1024
_BUSY = (429, 503)
_BUSY_TRIES = 20
_BUSY_PAUSE_S = 0.5
_BUSY_PAUSE_S_MAX = 5.0


class Answered(msgspec.Struct, frozen=True):
    """A server's answer. headers: by lower-case name. whole: false where it broke off."""

    status: int
    headers: dict[str, str]
    content: bytes
    is_whole: bool = True

    @property
    def media_type(self) -> str:
        """The type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class NoAnswerError(Exception):
    """The server closed, stayed silent or did not speak HTTP: the sentence says which."""


class Asker:
    """Sends requests to one server; use as `with`."""

    def __init__(self, address: str) -> None:
        """Take the address of a server. Raises SeraiError `address-unusable`."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise SeraiError(
                "address-unusable",
                f"{address} is no address of a server.",
                "Say such as http://127.0.0.1:8000.",
            )
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._path = parts.path.rstrip("/")
        self._connection = kind(parts.hostname, parts.port, timeout=SILENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, headers: dict[str, str], content: bytes | None) -> Answered:
        """Ask until the server is not busy. Raises NoAnswerError."""
        answered = self._ask(method, path, headers, content)
        for _ in range(_BUSY_TRIES):
            if answered.status not in _BUSY:
                break
            pause = answered.headers.get("retry-after", "")
            seconds = float(pause) if re.fullmatch(r"\d{1,3}", pause) else _BUSY_PAUSE_S
            time.sleep(min(seconds, _BUSY_PAUSE_S_MAX))
            answered = self._ask(method, path, headers, content)
        return answered

    def _ask(self, method: str, path: str, headers: dict[str, str], content: bytes | None) -> Answered:
        try:
            response = self._respond(method, path, headers, content)
        except (OSError, HTTPException):
            # A kept connection may have been closed meanwhile.
            self._connection.close()
            try:
                response = self._respond(method, path, headers, content)
            except (OSError, HTTPException) as fault:
                self._connection.close()
                why = str(fault) or type(fault).__name__
                raise NoAnswerError(f"no answer to {method} {path}: {why}") from fault
        return self._read(response)

    def _read(self, response: HTTPResponse) -> Answered:
        found = {name.lower(): value for name, value in response.getheaders()}
        try:
            body = response.read(ANSWER_BYTES_MAX)
        except (OSError, HTTPException) as fault:
            self._connection.close()
            return Answered(response.status, found, getattr(fault, "partial", b""), is_whole=False)
        is_whole = response.isclosed()
        if not is_whole:
            self._connection.close()
        return Answered(response.status, found, body, is_whole)

    def _respond(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None
    ) -> HTTPResponse:
        self._send(method, path, headers, content)
        return self._connection.getresponse()

    def _send(self, method: str, path: str, headers: dict[str, str], content: bytes | None) -> None:
        try:
            self._connection.request(method, f"{self._path}{path}", content, headers)
        except (BrokenPipeError, ConnectionResetError):
            # It refuses the body before it has all of it, and may have said why.
            if self._connection.sock is None:
                raise
