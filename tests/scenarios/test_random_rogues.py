"""Whatever parties without a part do, in any order and before or after a case is there: it is as if they had
done nothing, and they learn nothing of it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.faults.serving import Reply
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

MARKET, WALLET, LINE, BROKER = "MARKET", "WALLET", "LINE", "BROKER"
Act = tuple[str, int, str]
"""Name of a move, which rogue does it, and what its document says more."""


@dataclass(frozen=True)
class Honest:
    """The keys of the four parties of a case."""

    market: str
    wallet: str
    line: str
    broker: str


@pytest.fixture(scope="module")
def world() -> Iterator[Registered]:
    with registered_node() as registered:
        yield registered


@pytest.fixture(scope="module")
def honest(world: Registered) -> Honest:
    """Four parties that know each other; three of them have said who declares for them."""
    parties = Honest(
        world.add("market", "platform", identifier=MARKET),
        world.add("wallet", "payment_provider", identifier=WALLET),
        world.add("line", "carrier", identifier=LINE),
        world.add("broker", "declarant", identifier=BROKER),
    )
    for key in (parties.market, parties.wallet, parties.line):
        world.must(
            "POST",
            "/v1/mandates",
            key,
            {"reference": "D", "grantee_identifier": BROKER, "document_kinds": ["declaration"]},
        )
    return parties


@pytest.fixture(scope="module")
def rogues(world: Registered) -> list[str]:
    every = ("carrier", "post", "payment_provider", "platform", "seller", "declarant")
    first = world.add("rogue", *every, identifier="ROGUE")
    second = world.add("accomplice", *every, identifier="ACCOMPLICE")
    body = {"grantee_identifier": "ACCOMPLICE", "document_kinds": ["order", "payment", "transport-document"]}
    world.must("POST", "/v1/mandates", first, {"reference": "R", "acts": ["payment-record"], **body})
    return [first, second]


MOVES: dict[str, Callable[[str, str], tuple[str, dict[str, Any]]]] = {
    "order": lambda name, _mark: ("/v1/orders", order(name, reference=f"ORDER-{name}")),
    "other order": lambda name, mark: ("/v1/orders", order(name, reference=mark, ucr=f"UCR-{name}")),
    "payment": lambda name, mark: ("/v1/payments", payment(name, reference=mark, ucr=f"UCR-{name}")),
    "waybill": lambda name, mark: ("/v1/transport-documents", waybill(name, reference=mark)),
    "arrival": lambda name, mark: ("/v1/arrivals", arrival(name, reference=mark)),
    "house": lambda name, mark: (
        "/v1/arrivals",
        arrival(name, reference=mark, conveyance_reference=None, house_document=f"HOUSE-{name}"),
    ),
    "event": lambda name, _mark: ("/v1/epcis/capture", observation(name, "destroying", "destroyed")),
    "declaration": lambda name, mark: ("/v1/declarations", declared_by_honest(name, reference=mark)),
}


def declared_by_honest(name: str, **changes: Any) -> dict[str, Any]:
    """A declaration that names all the parties of a case."""
    carrier = {"country_code": "CN", "party_identifier": LINE}
    return declaration(name, platform_id=MARKET, detail={"carrier": carrier}) | changes


SAID: dict[str, dict[str, Any]] = {
    "nothing more": {},
    "its own names": {"platform_id": "ROGUE", "seller_id": "ACCOMPLICE"},
    "others' names": {"platform_id": MARKET},
}
ACTS = st.lists(
    st.tuples(st.sampled_from(sorted(MOVES)), st.integers(0, 1), st.sampled_from(sorted(SAID))),
    min_size=1,
    max_size=5,
)
NUMBERS = count(1)


def tell_story(world: Registered, honest: Honest, name: str) -> str:
    """All four documents of a parcel, the declaration last; returns the case."""
    world.must("POST", "/v1/orders", honest.market, order(name, detail={"payment_provider_id": WALLET}))
    world.must("POST", "/v1/payments", honest.wallet, payment(name))
    world.must("POST", "/v1/transport-documents", honest.line, waybill(name))
    filed = world.must("POST", "/v1/declarations", honest.broker, declared_by_honest(name))
    return str(filed.json()["case_id"])


def rage(world: Registered, rogues: list[str], name: str, acts: list[Act]) -> list[Reply]:
    """Let rogues act; returns what they were answered."""
    answers = []
    for move, who, said in acts:
        path, document = MOVES[move](name, f"X-{next(NUMBERS)}")
        if move in ("other order", "order", "declaration"):
            document |= SAID[said]
        answers.append(world.ask("POST", path, rogues[who], document))
    return answers


def told(world: Registered, key: str, case: str, name: str) -> dict[str, Any]:
    """What a party of a case reads of it, without what differs between any two cases."""
    paths = ("", "/charges", "/history", "/decision")
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


@settings(
    max_examples=12,
    deadline=None,
    # Each example takes seconds on a real server, so a failing one is shown as it was drawn.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=ACTS, after=ACTS)
@example(
    before=[("order", 1, "others' names"), ("declaration", 1, "nothing more")],
    after=[("event", 0, "nothing more")],
)
def test_a_case_is_the_same_whatever_rogues_do_before_and_after(
    world: Registered,
    honest: Honest,
    rogues: list[str],
    before: list[Act],
    after: list[Act],
) -> None:
    quiet, loud = (f"{kind}-{next(NUMBERS):05d}" for kind in ("quiet", "loud-"))
    calm = tell_story(world, honest, quiet)

    rage(world, rogues, loud, before)
    case = tell_story(world, honest, loud)
    answers = rage(world, rogues, loud, after)
    mark = {"reference": f"M-{loud}", "kind": "paid", "currency_code": "EUR", "amount": "100.00"}

    for rogue in rogues:
        assert world.ask("POST", f"/v1/cases/{case}/payment-records", rogue, mark).status == 404
        assert world.ask("GET", f"/v1/cases/{case}", rogue).status == 404
        unnamed = world.ask("GET", f"/v1/cases/{case}/people?purpose=audit", rogue)
        assert unnamed.json()["code"] == "acting-person-missing", "told before anything is looked for"
    for reply in answers:
        assert case.encode() not in reply.content
    for key in (honest.broker, honest.market, honest.wallet, honest.line):
        assert told(world, key, case, loud) == told(world, key, calm, quiet)
