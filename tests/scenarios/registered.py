"""A node whose parties are registered over HTTP by its administrator, and documents of one parcel as each of
its parties knows it. Paths and JSON alone: nothing of the inside is used."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.faults.serving import Reply, Serving, encoded, parcel, serving, short_folder

SCOPES = ("lodging", "reading", "quoting", "subscribing", "administering")


@dataclass
class Registered:
    """A running node, the key of its administrator, and what was registered there."""

    node: Serving
    admin: str
    count: int = 0
    numbers: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, *roles: str, identifier: str | None = None) -> str:
        """Register a party, with an identifier under which others name it; returns its key."""
        self.count += 1
        reference = f"{name}-{self.count}"
        body = {"reference": reference, "name": f"Invented {name}", "roles": list(roles)}
        number = self.must("POST", "/v1/parties", self.admin, body).json()["party"]
        self.numbers[name] = number
        if identifier is not None:
            self.must("POST", f"/v1/parties/{number}/identifiers", self.admin, {"identifier": identifier})
        made = {"reference": "key", "scopes": list(SCOPES)}
        return str(self.must("POST", f"/v1/parties/{number}/keys", self.admin, made).json()["text"])

    def ask(self, method: str, path: str, key: str | None, body: Any = None) -> Reply:
        """Ask over HTTP."""
        if method == "GET":
            return self.node.get(path, key)
        return self.node.send(encoded(body), key, path=path)

    def must(self, method: str, path: str, key: str | None, body: Any = None) -> Reply:
        """Ask, and have it done."""
        reply = self.ask(method, path, key, body)
        assert reply.status in (200, 201), (path, reply.status, reply.content)
        return reply


@contextmanager
def registered_node() -> Iterator[Registered]:
    """A node with one web process and an administrator, who is made by commands on the machine."""
    with short_folder() as folder, serving(folder, workers=1) as node:
        yield Registered(node, key_of_administrator(node))


def key_of_administrator(node: Serving) -> str:
    """Make a party that administers, and a key for it."""
    added = node.command("party", "add", "Invented Office", "--role", "admin", "--role", "officer",
                         "--role", "legal", "--output", "json")  # fmt: skip
    assert added.returncode == 0, added.stderr
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    made = node.command("party", "key", json.loads(added.stdout)["party"], *scopes, "--output", "json")
    assert made.returncode == 0, made.stderr
    return str(json.loads(made.stdout)["key"])


def declaration(name: str, **changes: Any) -> dict[str, Any]:
    """A declaration of a parcel on which duty is due at the border."""
    numbers = {
        "ucr": f"UCR-{name}",
        "house_document": f"HOUSE-{name}",
        "conveyance_reference": f"FLIGHT-{name}",
        "order_references": [f"ORDER-{name}"],
    }
    return parcel(f"D-{name}", **(numbers | changes))


def order(name: str, **changes: Any) -> dict[str, Any]:
    """The order of that parcel."""
    line = {"sequence_number": 1, "description": "cotton T-shirt, white", "quantity": "1", "amount": "20.00"}
    plain = {
        "reference": f"ORDER-{name}",
        "lines": [line],
        "currency_code": "EUR",
        "purchased_at": "2026-06-10T09:00:00Z",
    }
    return plain | changes


def payment(name: str, **changes: Any) -> dict[str, Any]:
    """The payment of that order."""
    plain = {
        "reference": f"PAYMENT-{name}",
        "order_references": [f"ORDER-{name}"],
        "amount": "20.00",
        "currency_code": "EUR",
        "paid_at": "2026-06-10T09:05:00Z",
    }
    return plain | changes


def waybill(name: str, **changes: Any) -> dict[str, Any]:
    """The carrier's document of that parcel."""
    plain = {
        "reference": f"WAYBILL-{name}",
        "house_document": f"HOUSE-{name}",
        "logistics_channel_code": "express",
        "conveyance_reference": f"FLIGHT-{name}",
    }
    return plain | changes


def arrival(name: str, **changes: Any) -> dict[str, Any]:
    """The landing of what that parcel flies on."""
    plain = {
        "reference": f"ARRIVAL-{name}",
        "arrived_at": "2026-06-21T08:00:00Z",
        "conveyance_reference": f"FLIGHT-{name}",
    }
    return plain | changes


def observation(name: str, step: str, disposition: str, **changes: Any) -> dict[str, Any]:
    """An EPCIS document with one event about that parcel's house document."""
    event = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventTime": "2026-06-22T08:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "epcList": [f"urn:invented:parcel:HOUSE-{name}"],
        "bizStep": step,
        "disposition": disposition,
        **changes,
    }
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-06-22T08:00:01Z",
        "epcisBody": {"eventList": [event]},
    }
