"""Who the wrong parties are, and how their requests go out: over connections that stay open."""

import threading
import zlib
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

from serai.foundation.access.actor import Role
from serai.foundation.access.table import SCOPES

from tools.campaign.wrong_parties.asking import Ask
from tools.campaign.wrong_parties.judging import Answer
from tools.campaign.wrong_parties.place import Caller, Office, Place, headers_of

_PATIENCE_S: Final = 60
_TRADE: Final = (
    Role.PLATFORM, Role.SELLER, Role.PAYMENT_PROVIDER, Role.CARRIER, Role.POST, Role.DECLARANT,
)  # fmt: skip
_ACCOMPLICE: Final = (Role.SELLER,)
"""Has the identifier that wrong parties name in their mandates; so has the staff of elsewhere."""
_OUTSIDE: Final = (Role.AGENCY, Role.RIGHTS_HOLDER, Role.BUYER, Role.PARTNER_CUSTOMS)
_READERS: Final = (Role.ANALYST, Role.AUDITOR)
_EVERY: Final = tuple(role for role in Role if role is not Role.PUBLIC)


def wrong_parties(place: Place) -> list[Caller]:
    """Register them: each role alone and all of trade together, keys without a role or a scope, nobody, and
    every role of another administration, at its own server and at this one; and people signed in there.
    """
    here = Office(place.url, place.administrator)
    there = Office(place.elsewhere_url, place.elsewhere_administrator)
    found = [Caller("nobody", place.url, {}), *place.sessions]

    def add(
        office: Office, name: str, roles: tuple[Role, ...], scopes: tuple[str, ...] = tuple(SCOPES)
    ) -> str:
        named = tuple(one.value for one in roles)
        return office.register(
            f"WRONG {name}",
            named,
            identifier="WRONG" if roles in (_ACCOMPLICE, _EVERY) else "",
            scopes=scopes,
        )[1]

    found += [
        Caller(role.value, place.url, headers_of(add(here, role.value, (role,))), role in _READERS)
        for role in (*_TRADE, *_OUTSIDE, *_READERS)
    ]
    found.append(Caller("all of trade", place.url, headers_of(add(here, "all of trade", _TRADE))))
    key = add(here, "officer without the scope", (Role.OFFICER,), ("subscribing",))
    found.append(Caller("officer without the scope", place.url, headers_of(key)))
    party, key = here.register("WRONG no role", (Role.BUYER.value,))
    here.take_role(party, Role.BUYER.value)
    found.append(Caller("no role", place.url, headers_of(key)))
    for name, roles in (("trade of elsewhere", _TRADE), ("staff of elsewhere", _EVERY)):
        key = add(there, name, roles)
        found.append(Caller(name, place.elsewhere_url, headers_of(key)))
        found.append(Caller(f"{name}, here", place.url, headers_of(key)))
    found += [
        one._replace(name=f"{one.name}, here", url=place.url)
        for one in place.sessions
        if one.url == place.elsewhere_url
    ]
    return found


class Line:
    """Connections of one thread, one of each caller to each server."""

    def __init__(self) -> None:
        """Open none yet."""
        self._open: dict[tuple[str, str], HTTPConnection] = {}

    def send(self, caller: Caller, ask: Ask) -> Answer:
        """Send a request, once more where the server had closed the connection meanwhile."""
        headers = {"accept": "application/json", **caller.headers}
        if ask.body is not None:
            headers["content-type"] = ask.media_type
        for is_last in (False, True):
            line = (caller.url, caller.name)
            connection = self._open.get(line)
            if connection is None:
                place = urlsplit(caller.url)
                assert place.hostname is not None
                connection = HTTPConnection(
                    place.hostname, place.port, timeout=_PATIENCE_S, source_address=(_address_of(caller), 0)
                )
                self._open[line] = connection
            try:
                connection.request(ask.method, ask.path, ask.body, headers)
                answer = connection.getresponse()
                return Answer(
                    answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
                )
            except (HTTPException, OSError):
                connection.close()
                del self._open[line]
                if is_last:
                    raise
        raise AssertionError("the second try answers or raises")

    def close(self) -> None:
        """Close them all."""
        for one in self._open.values():
            one.close()
        self._open.clear()


def _address_of(caller: Caller) -> str:
    """Return an address of its own: how much one network may ask for is nothing that others use up."""
    number = zlib.crc32(caller.name.encode())
    return f"127.{number >> 16 & 0xFF}.{number >> 8 & 0xFF}.{number % 254 + 1}"


_LINES: Final = threading.local()


def own_line() -> Line:
    """Return the line of this thread."""
    if not hasattr(_LINES, "line"):
        _LINES.line = Line()
    line: Line = _LINES.line
    return line
