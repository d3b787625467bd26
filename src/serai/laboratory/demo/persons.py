"""Who asks for one thing at a time: a party by its key, or a person who is signed in as a browser is."""

import re
import time
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any, Final, Self

import msgspec

from serai.laboratory.demo.sending import JSON
from serai.model.errors import SeraiError

_FORM_TOKEN: Final = re.compile(r'name="form_token" value="([0-9a-f]+)"')
_FINE: Final = range(200, 300)
_CONFLICT: Final = 409
_SEVERAL: Final = b'"consignment-not-named"'
_BUSY_STATUSES, _BUSY_PAUSE_S, _TRIES_COUNT = (429, 503), 0.5, 120
_SILENCE_S = 120


class OtherwiseNowError(SeraiError):
    """What is asked does not fit any more: something has changed what was read, or was joined to it."""


class Person:
    """Somebody who asks, on one connection. Not for two threads."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=_SILENCE_S)
        self._headers: dict[str, str] = {}

    @classmethod
    def by_key(cls, host: str, port: int, key: str) -> Self:
        """Return a party that asks with its key."""
        person = cls(host, port)
        person._headers = {"authorization": f"Bearer {key}"}
        return person

    @classmethod
    def by_link(cls, host: str, port: int, path: str) -> Self:
        """Return a person who opens a link that signs in once. Raises SeraiError `server-refused`."""
        person = cls(host, port)
        person._open("GET", path)
        _, page = person._open("GET", "/account")
        found = _FORM_TOKEN.search(page.decode())
        if found is None:
            raise SeraiError("server-refused", "The link did not sign in.", "Start the demo again.")
        person._headers["x-form-token"] = found[1]
        return person

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the answer, decoded. Raises SeraiError `server-refused`, `server-busy`, and
        OtherwiseNowError.
        """
        content = None if body is None else msgspec.json.encode(body)
        for _ in range(_TRIES_COUNT):
            status, answer = self._open(method, path, content)
            if status not in _BUSY_STATUSES:
                break
            time.sleep(_BUSY_PAUSE_S)
        else:
            raise SeraiError("server-busy", "The server stays busy.", "Try again later.")
        if status not in _FINE:
            said = answer[:300].decode(errors="replace")
            is_otherwise = status == _CONFLICT or _SEVERAL in answer
            raise (OtherwiseNowError if is_otherwise else SeraiError)(
                "server-refused", f"{path} answered {status}: {said}", "Read the answer."
            )
        return msgspec.json.decode(answer) if answer else None

    def _open(self, method: str, path: str, content: bytes | None = None) -> tuple[int, bytes]:
        headers = {**self._headers, "accept": "text/html" if path == "/account" else JSON}
        if content is not None:
            headers["content-type"] = JSON
        self._connection.request(method, path, content, headers)
        response = self._connection.getresponse()
        answer = response.read()
        cookies = SimpleCookie()
        for value in response.headers.get_all("set-cookie", []):
            cookies.load(value)
        if cookies:
            kept = [f"{name}={one.value}" for name, one in cookies.items() if one.value]
            before = [one for one in self._headers.get("cookie", "").split("; ") if one]
            fresh = {one.partition("=")[0] for one in kept}
            self._headers["cookie"] = "; ".join(
                [*(one for one in before if one.partition("=")[0] not in fresh), *kept]
            )
        return response.status, answer
