"""Whatever parties do that have no part, or another one, in any order and before or after a case is there: it
is as if they had done nothing, and they learn nothing of it.

A story is drawn from its number: a failing one is told again by that number alone.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.faults.serving import Reply, encoded
from tests.formats.ics.ens_message import write_message
from tests.scenarios.registered import (
    Registered,
    arrival,
    declaration,
    observation,
    order,
    payment,
    registered_node,
    waybill,
)
from tests.turns import in_turn_but

MARKET, WALLET, LINE, BROKER, SHOP, TELLER = "MARKET", "WALLET", "LINE", "BROKER", "SHOP", "TELLER"
EVERY_ROLE = ("carrier", "post", "payment_provider", "platform", "seller", "declarant")
EXAMPLES = Path(__file__).parents[2] / "examples"
NUMBERS = count(1)
STORIES_COUNT = 150
"""Of the long campaign; SERAI_ROGUES_SEED says where it begins."""


@dataclass(frozen=True)
class Parties:
    """Keys of those whom a case has, and of rogues by name: two that it knows nothing of, and two that it
    names with a part of their own: who sells, and who took the money."""

    market: str
    wallet: str
    line: str
    broker: str
    rogues: dict[str, str]


@pytest.fixture(scope="module")
def world() -> Iterator[Registered]:
    with registered_node() as registered:
        yield registered


@pytest.fixture(scope="module")
def parties(world: Registered) -> Parties:
    """The four that know each other have given no mandate: their documents name who declares."""
    found = Parties(
        world.add("market", "platform", identifier=MARKET),
        world.add("wallet", "payment_provider", identifier=WALLET),
        world.add("line", "carrier", identifier=LINE),
        world.add("broker", "declarant", identifier=BROKER),
        {
            name: world.add(name.lower(), *EVERY_ROLE, identifier=name)
            for name in ("ROGUE", "ACCOMPLICE", SHOP, TELLER)
        },
    )
    body = {"grantee_identifier": "ACCOMPLICE", "document_kinds": ["order", "payment", "transport-document"]}
    world.must(
        "POST", "/v1/mandates", found.rogues["ROGUE"], {"reference": "R", "acts": ["payment-record"], **body}
    )
    return found


# ---- what rogues do ----

Sent = tuple[str, Any]
"""A path, and what is sent there: JSON, or the bytes of a message."""


def declared_by_broker(name: str, **changes: Any) -> dict[str, Any]:
    """A declaration that names all the parties of a case."""
    carrier = {"country_code": "CN", "party_identifier": LINE}
    return (
        declaration(name)
        | {"platform_id": MARKET, "seller_id": SHOP, "detail": {"carrier": carrier}}
        | changes
    )


def _mandate(whom: str, *kinds: str) -> Callable[[str, str], Sent]:
    terms = {"grantee_identifier": whom, "document_kinds": list(kinds), "acts": ["payment-record"]}
    return lambda _name, mark: ("/v1/mandates", terms | {"reference": mark})


def _ceb(name: str, _mark: str) -> Sent:
    text = (EXAMPLES / "standards" / "ceb-order.xml").read_text()
    return "/v1/messages/ceb", re.sub(r"(<ceb:orderNo>)[^<]*", rf"\g<1>ORDER-{name}", text).encode()


def _upu(name: str, _mark: str) -> Sent:
    text = (EXAMPLES / "standards" / "itmatt.xml").read_text()
    return "/v1/messages/itmatt", re.sub(r"<Id>RR100000017CV", f"<Id>HOUSE-{name}", text).encode()


def _cds(name: str, mark: str) -> Sent:
    text = (EXAMPLES / "messages" / "declaration-wco-dec.xml").read_text()
    text = text.replace("UCR-EXAMPLE-2026-0101", f"UCR-{name}").replace("EXAMPLE-2026-0101", mark)
    return "/v1/messages/cds", text.encode()


_ALL = ("order", "payment", "transport-document", "arrival", "return", "declaration")
_OTHER_CARRIER = {"carrier": {"country_code": "CN", "party_identifier": "ROGUE"}}
_SCREENED = {"method_code": "XRY", "result": "clear", "screened_at": "2026-06-20T08:00:00Z"}
_SELLING = {"order", "other order", "payment", "return", "ceb order", "amended order"}
MOVES: dict[str, Callable[[str, str], Sent]] = {
    "order": lambda name, _: ("/v1/orders", order(name)),
    "other order": lambda name, mark: (
        "/v1/orders",
        order(name, reference=mark, ucr=f"UCR-{name}", platform_id=MARKET),
    ),
    "order for itself": lambda name, _: (
        "/v1/orders",
        order(name, declarant_id="ROGUE", seller_id="ACCOMPLICE"),
    ),
    "amended order": lambda name, _: ("/v1/orders", order(name, amends_version=1, discount_amount="1.00")),
    "payment": lambda name, mark: (
        "/v1/payments",
        payment(name, reference=mark, ucr=f"UCR-{name}", amount="1.00"),
    ),
    "waybill": lambda name, mark: (
        "/v1/transport-documents",
        waybill(name, reference=mark, gross_mass_kg="9.000"),
    ),
    "waybill before loading": lambda name, mark: (
        "/v1/transport-documents",
        waybill(name, reference=mark, detail={"filing_kind_code": "pre-loading"}),
    ),
    "arrival": lambda name, mark: ("/v1/arrivals", arrival(name, reference=mark)),
    "arrival of the house": lambda name, mark: (
        "/v1/arrivals",
        arrival(name, reference=mark, conveyance_reference=None, house_document=f"HOUSE-{name}"),
    ),
    "return": lambda name, mark: (
        "/v1/returns",
        {
            "reference": mark,
            "mrn": "26XX0000000000001",
            "reason": "unwanted",
            "house_document": f"HOUSE-{name}",
            "goods_items": [
                {"sequence_number": 1, "commodity_code": "61091000", "description": "shirt", "quantity": "1"}
            ],
        },
    ),
    "declaration": lambda name, mark: ("/v1/declarations", declared_by_broker(name, reference=mark)),
    "declaration with another carrier": lambda name, mark: (
        "/v1/declarations",
        declared_by_broker(name, reference=mark, detail=_OTHER_CARRIER),
    ),
    "amended declaration": lambda name, _: ("/v1/declarations", declared_by_broker(name, amends_version=1)),
    "invalidation": lambda name, _: (
        f"/v1/declarations/D-{name}/invalidation",
        {"expected_version": 1, "reason": "not wanted"},
    ),
    "presentation": lambda name, _: (
        f"/v1/declarations/D-{name}/presentation",
        {"arrived_at": "2026-06-21T08:00:00Z"},
    ),
    **{
        f"withdrawn {route}": lambda name, _, route=route, number=number: (  # type: ignore[misc]
            f"/v1/{route}/{number}-{name}/withdrawal",
            {"expected_version": 1, "reason": "not wanted"},
        )
        for route, number in (
            ("orders", "ORDER"),
            ("payments", "PAYMENT"),
            ("transport-documents", "WAYBILL"),
        )
    },
    "screening": lambda name, _: (f"/v1/transport-documents/WAYBILL-{name}/screening", _SCREENED),
    "mandate to the market": _mandate(MARKET, *_ALL),
    "mandate to the carrier": _mandate(LINE, *_ALL),
    "mandate to the broker": _mandate(BROKER, *_ALL),
    "mandate to the accomplice": _mandate("ACCOMPLICE", *_ALL),
    "webhook": lambda _, mark: ("/v1/webhooks", {"reference": mark, "url": "https://rogue.example/told"}),
    "ceb order": _ceb,
    "ics": lambda name, _: ("/v1/messages/ics", write_message(f"HOUSE-{name}").encode()),
    "upu": _upu,
    "cds": _cds,
}
EVENTS: dict[str, Callable[[str, str], Sent]] = {
    "destroyed": lambda name, _: ("/v1/epcis/capture", observation(name, "destroying", "destroyed")),
    "received": lambda name, _: ("/v1/epcis/capture", observation(name, "receiving", "in_progress")),
}
RIGHTFUL = {SHOP: _SELLING, TELLER: {"payment"}}
"""What is not for a rogue to be told off for: documents of the part that the case names it with."""


def moves_of(rogue: str) -> dict[str, Callable[[str, str], Sent]]:
    """What a rogue does that is none of its business."""
    events = {} if rogue in RIGHTFUL else EVENTS
    return {name: its for name, its in (MOVES | events).items() if name not in RIGHTFUL.get(rogue, ())}


Deed = tuple[str, str]
"""Which rogue, and its move."""


def do(world: Registered, parties: Parties, name: str, deed: Deed) -> Reply:
    rogue, move = deed
    path, sent = moves_of(rogue)[move](name, f"X-{next(NUMBERS)}")
    key = parties.rogues[rogue]
    if isinstance(sent, bytes):
        return world.node.send(sent, key, "application/xml", path=path)
    return world.node.send(encoded(sent), key, path=path)


def draw(random: Random) -> list[Deed]:
    rogues = random.choices(["ROGUE", "ACCOMPLICE", SHOP, TELLER], k=random.randint(2, 6))
    return [(rogue, random.choice(sorted(moves_of(rogue)))) for rogue in rogues]


# ---- what is told ----


def tell_story(world: Registered, parties: Parties, name: str) -> str:
    """All four documents of a parcel, the declaration last; returns the case."""
    named = {"declarant_id": BROKER}
    paid_by = {"detail": {"payment_provider_id": WALLET}}
    sold = order(name, platform_id=MARKET, seller_id=SHOP) | named | paid_by
    world.must("POST", "/v1/orders", parties.market, sold)
    world.must("POST", "/v1/payments", parties.wallet, payment(name, detail={"provider_id": TELLER}) | named)
    world.must("POST", "/v1/transport-documents", parties.line, waybill(name) | named)
    filed = world.must("POST", "/v1/declarations", parties.broker, declared_by_broker(name))
    return str(filed.json()["case_id"])


def told(world: Registered, key: str, case: str, name: str) -> dict[str, Any]:
    """What a party of a case reads of it, without what differs between any two cases."""
    paths = ("", "/charges", "/history", "/decision", "/acts")
    read = {path: world.must("GET", f"/v1/cases/{case}{path}", key).content.decode() for path in paths}
    found = {path: json.loads(anonymous(text, name)) for path, text in read.items()}
    # Documents stand in the order of their numbers, which processes take ahead of time.
    found[""]["documents"].sort(key=lambda one: str(one["kind"]))
    return found


def anonymous(text: str, name: str) -> str:
    """Leave out names, numbers and instants that each case has of its own."""
    text = re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}", "ID", text)
    text = re.sub(r'"mrn":"[^"]*"', '"mrn":"MRN"', text)
    text = re.sub(r"20\d\d-\d\d-\d\dT[0-9:.]*Z", "INSTANT", text)
    return text.replace(name, "NAME")


def suffer(world: Registered, parties: Parties, before: list[Deed], after: list[Deed]) -> Counter[int]:
    """Tell one story in quiet and one among rogues, which must be alike; returns answers by status."""
    quiet, loud = (f"{kind}-{next(NUMBERS):05d}" for kind in ("quiet", "loud-"))
    calm = tell_story(world, parties, quiet)

    answers = [do(world, parties, loud, deed) for deed in before]
    case = tell_story(world, parties, loud)
    answers += [do(world, parties, loud, deed) for deed in after]
    mark = {"reference": f"M-{loud}", "kind": "paid", "currency_code": "EUR", "amount": "100.00"}

    for rogue, key in parties.rogues.items():
        marked = world.ask("POST", f"/v1/cases/{case}/payment-records", key, mark)
        assert marked.status == (403 if rogue in (SHOP,) else 404), (rogue, marked.content)
    for rogue in ("ROGUE", "ACCOMPLICE"):
        key = parties.rogues[rogue]
        for path in ("", "/documents/" + case, "/history", "/receipt", "/explanation"):
            assert world.ask("GET", f"/v1/cases/{case}{path}", key).status == 404
        assert case.encode() not in world.must("GET", "/v1/events?limit=1000", key).content
    for reply in answers:
        assert reply.status < 500, reply.content
        assert case.encode() not in reply.content
    for key in (parties.broker, parties.market, parties.wallet, parties.line, parties.rogues[SHOP]):
        assert told(world, key, case, loud) == told(world, key, calm, quiet)
    return Counter(reply.status for reply in answers)


def test_each_move_is_taken_for_what_it_is(world: Registered, parties: Parties) -> None:
    """Else the campaign would hold whatever it is held against."""
    answered = {
        move: do(world, parties, f"alone-{place}", ("ROGUE", move))
        for place, move in enumerate(moves_of("ROGUE"))
    }

    refused = {
        move: (one.status, one.content) for move, one in answered.items() if one.status not in (200, 201, 202)
    }
    foreign = ("amended", "withdrawn", "invalidation", "presentation", "screening", "return")
    assert {move: its for move, its in refused.items() if not move.startswith(foreign)} == {}
    assert all(status in (404, 409, 422) for status, _ in refused.values()), refused


@pytest.mark.parametrize("number", in_turn_but({0, 1}, range(4)))
def test_a_case_is_the_same_whatever_rogues_do_before_and_after(
    world: Registered, parties: Parties, number: int
) -> None:
    random = Random(number)
    suffer(world, parties, draw(random), draw(random))


@pytest.mark.slow
def test_campaign_of_rogues(
    world: Registered, parties: Parties, record_property: Callable[[str, object], None]
) -> None:
    """Each move by each rogue at least once, then stories as they are drawn. The report says from which
    seed."""
    seed = int(os.environ.get("SERAI_ROGUES_SEED", "11"))
    answers: Counter[int] = Counter()
    for rogue in parties.rogues:
        for move in moves_of(rogue):
            answers += suffer(world, parties, [(rogue, move)], [(rogue, move)])
    for number in range(seed, seed + STORIES_COUNT):
        random = Random(number)
        before, after = draw(random), draw(random)
        try:
            answers += suffer(world, parties, before, after)
        except AssertionError as fault:
            raise AssertionError(f"story {number}: {before}, {after}") from fault
    report = {
        "seed": seed,
        "stories": STORIES_COUNT,
        "answers": {str(key): its for key, its in sorted(answers.items())},
    }
    record_property("report", report)
