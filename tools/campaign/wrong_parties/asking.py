"""Requests of wrong parties, in pairs: the one names what is somebody's, the other, letter for letter of the
same form, what nobody has.
"""

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec
from serai.foundation.http.guards import route_matrix
from serai.foundation.settings import Settings
from serai.web.application import build_application

from tools.campaign.wrong_parties.honest import Known, absent_of
from tools.campaign.wrong_parties.wrong_bodies import WRITES, Written

JUDGED_BY_CASE: Final = re.compile(r"urn:invented:(?:event|parcel|place):")
"""What names events that others captured: whose they are is found by the cases that they name."""
READ_LEFT_OUT: Final = {
    "/enter/{token}": "a link is a secret, not a number: who has it is let in",
    "/confirm/{token}": "as above",
    "/v1/events/stream": "it never ends; `/v1/events` reads the same",
}
WRITTEN_LEFT_OUT: Final = {
    "/sign-in": "each try is counted against the name, whoever tries: tests/foundation/access",
    "/sign-in/code": "as above",
    "/oauth/token": "an assertion is a secret, not a number: tests/web/test_oauth.py",
    "/sign-in/passkey": "each try is counted against the network: tests/browser/test_passkeys.py",
    "/sign-in/passkey/options": "as above",
    "/confirm/{token}": "a link is a secret, not a number: tests/web/test_organisation.py",
    "/account/password": "each try is counted as one to sign in: tests/web/test_organisation.py",
    "/sign-out": "it ends the caller's own session",
}


class Ask(NamedTuple):
    """A request. names: what was put into it that the other of the pair has otherwise."""

    method: str
    path: str
    body: bytes | None
    media_type: str
    names: tuple[str, ...]


class Pair(NamedTuple):
    """A request for what is another's, and the same for what is not there; None: it names nothing."""

    route: str
    known: Ask
    absent: Ask | None


class Numbers:
    """Draws numbers of the honest, the same one each time it is asked for a kind, and notes which."""

    def __init__(self, known: Known, random: Random) -> None:
        """Draw from `known`."""
        self._known, self._random = known, random
        self._drawn: dict[str, str] = {}

    def draw(self, kind: str) -> str:
        """Return a number of a kind."""
        if kind not in self._drawn:
            self._drawn[kind] = self._random.choice(self._known.by_name[kind])
        return self._drawn[kind]

    def choose(self, kinds: tuple[str, ...]) -> str:
        """Return a number of one of these kinds."""
        return self.draw(self._random.choice(kinds))


# ---- reads ----

_PUBLIC: Final = {
    "code": ("EU-2026", "not-found"),
    "standard": ("ceb", "ics", "cds"),
    "before": ("GB-2021",),
    "after": ("EU-2026",),
    "path": ("0/000", "openapi.json"),
    "name": ("style.css",),
    "office": ("POST-1",),
    "period": ("2026-11", "2026-12", "9999-12"),
    "provider": ("nowhere",),
    "version": ("b9098e73e211389d",),
    "kind": ("denied-parties",),
    "rule_id": ("eu-cites", "eu-seeds"),
    "rule": ("from-one-country", "no-such-rule"),
    "picture_number": ("1", "2"),
    "list_number": ("0", "9"),
    "language": ("ar", "fr"),
}
"""Parameters that stand for nobody's."""
_LEAVES: Final = ("decision_id", "act_id", "case_id", "document_id")
_OWN_KINDS: Final = {
    "/v1/declarations/{reference}": ("reference",),
    "/v1/orders/{reference}": ("orders", "reference"),
    "/v1/payments/{reference}": ("payments", "reference"),
    "/v1/transport-documents/{reference}": ("transport-documents", "reference"),
    "/v1/returns/{reference}": ("returns",),
    "/v1/bulk-declarations/{reference}": ("bulk",),
    "/v1/transport-documents/{reference}/pre-loading": ("awaited", "screened"),
    "/v1/epcis/bizLocations/{value}": ("place",),
    "/v1/epcis/readPoints/{value}": ("place",),
    "/v1/epcis/bizSteps/{value}": ("word",),
    "/v1/epcis/dispositions/{value}": ("word",),
    "/v1/epcis/eventTypes/{value}": ("word",),
    "/v1/receipts/{leaf_id}": _LEAVES,
    "/v1/receipts/{leaf_id}/openings": _LEAVES,
    "/v1/cases/{case_id}": ("case_id", "released_case", "document_id"),
    "/v1/refund-batches/{batch}/message": ("case_id",),
    "/v1/epcis/events/{event_id}": ("event_id", "captured_event"),
    "/v1/epcis/queries/{query_name}": ("query_name", "kept_query"),
    "/v1/epcis/queries/{query_name}/events": ("query_name", "kept_query"),
}
"""What a parameter stands for, where its name does not say it."""
_SAY_LITTLE: Final = ("event_id", "reference", "value", "leaf_id", "query_name", "case_id", "batch")
_NUMBERS: Final = ("reference", "case_id", "mrn", "master_document", "conveyance", "orders")
_QUERIES: Final[Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "/v1/declarations": (("master_document", ("master_document",)), ("conveyance_reference", ("reference",))),
    "/parcels": (("search", _NUMBERS), ("movement_id", ("document_id",))),
    "/v1/epcis/events": (
        ("MATCH_anyEPC", ("value",)), ("EQ_bizLocation", ("place",)), ("EQ_readPoint", ("place",)),
        ("EQ_eventID", ("event_id", "captured_event")),
    ),
    "/v1/cases/{case_id}/receipt": (("decision", ("decision_id",)), ("consignment", ("consignment_id",))),
    "/v1/cases/{case_id}/explanation": (("decision", ("decision_id",)),),
    "/v1/statements": (("party", ("party",)),),
    "/v1/statements/{period}": (("party", ("party",)),),
    "/v1/statements/{period}/csv": (("party", ("party",)),),
    "/v1/amounts-payable": (("party", ("party",)),),
}  # fmt: skip
"""Queries that name something."""
_FIXED: Final = {"/v1/cases/{case_id}/people": "purpose=examination"}


def read_routes() -> list[str]:
    """List the addresses of all that can be read."""
    return sorted(
        {row.path for row in route_matrix(build_application(Settings(), "")) if row.method == "GET"}
        - set(READ_LEFT_OUT)
    )


def make_read(path: str, known: Known, random: Random) -> Pair:
    """Return a pair of requests that read."""
    numbers = Numbers(known, random)
    drawn: dict[str, str] = {}
    public: dict[str, str] = {}
    for name in re.findall(r"{(\w+)}", path):
        kinds = _OWN_KINDS.get(path, (name,)) if name in _SAY_LITTLE else (name,)
        if kinds == ("word",):
            public[name] = "arriving"
        elif name in _PUBLIC:
            public[name] = random.choice(_PUBLIC[name])
        else:
            drawn[name] = numbers.choose(kinds)
    query = f"?{_FIXED[path]}" if path in _FIXED else ""
    asked = _QUERIES.get(path, ())
    if asked and (not drawn or random.random() < 0.4):
        field, kinds = random.choice(asked)
        drawn["?"] = numbers.choose(kinds)
        query = f"?{field}={{?}}"
    method = "HEAD" if random.random() < 0.1 else "GET"

    def ask(values: Mapping[str, str]) -> Ask:
        address = path + query
        for name, value in {**public, **values}.items():
            address = address.replace("{" + name + "}", quote(value, safe="/" if name == "path" else ""))
        return Ask(method, address, None, "", tuple(values.values()))

    absent = {name: absent_of(value) for name, value in drawn.items()}
    return Pair(f"GET {path}", ask(drawn), ask(absent) if drawn else None)


def names_something(path: str) -> bool:
    """Say whether requests to an address, or to a method and an address, can name what is somebody's."""
    address = path.partition(" ")[2] if " " in path else path
    return address in _QUERIES or any(
        name not in _PUBLIC and _OWN_KINDS.get(address) != ("word",)
        for name in re.findall(r"{(\w+)}", address)
    )


# ---- writes ----


def write_routes() -> list[tuple[str, str]]:
    """List method and address of all that can be written to."""
    return sorted(
        {
            (row.method, row.path)
            for row in route_matrix(build_application(Settings(), ""))
            if row.method in ("POST", "PUT", "DELETE", "PATCH") and row.path not in WRITTEN_LEFT_OUT
        }
    )


def make_write(method: str, path: str, known: Known, random: Random, own: str) -> Pair:
    """Return a pair of requests that write. own: what makes the wrong party's own references new."""
    make = random.choice(WRITES[f"{method} {path}"])
    numbers = Numbers(known, random)
    seed = random.random()

    def ask(pick: Callable[[str], str], side: str) -> tuple[Ask, list[str]]:
        named: list[str] = []

        def note(*kinds: str) -> str:
            # Both of a pair draw alike.
            chosen = pick(kinds[int(seed * len(kinds))])
            named.append(chosen)
            return chosen

        written: Written = make(note, f"{own}{side}")
        address = re.sub(r"{(\w+)}", lambda found: quote(written.path[found[1]], safe=""), path)
        body = written.body if isinstance(written.body, bytes) else msgspec.json.encode(written.body)
        has_body = method != "DELETE" and written.body is not None
        return (
            Ask(
                method,
                address + (f"?{written.query}" if written.query else ""),
                body if has_body else None,
                written.media_type if has_body else "",
                (*named, f"{own}{side}"),
            ),
            named,
        )

    first, named = ask(numbers.draw, "A")
    second, _ = ask(lambda kind: absent_of(numbers.draw(kind)), "B")
    return Pair(f"{method} {path}", first, second if named else None)
