"""Parties that know every number of a parcel and have no part in it change nothing and learn nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

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

CAPTURE = "/v1/epcis/capture"


@pytest.fixture(scope="module")
def world() -> Iterator[Registered]:
    with registered_node() as registered:
        yield registered


@pytest.fixture(scope="module")
def owner(world: Registered) -> str:
    return world.add("owner", "declarant", "platform", "payment_provider", "carrier")


@pytest.fixture(scope="module")
def rogue(world: Registered) -> str:
    return world.add("rogue", "post", "carrier", "payment_provider", "platform", "seller", "declarant")


def file(world: Registered, key: str, name: str, **changes: Any) -> str:
    """File the declaration of a parcel; returns its case."""
    return str(world.must("POST", "/v1/declarations", key, declaration(name, **changes)).json()["case_id"])


def seen(world: Registered, key: str, case: str) -> dict[str, Any]:
    """What a party of the case reads of it."""
    parts = [case, f"{case}/charges", f"{case}/history"]
    return {part: world.must("GET", f"/v1/cases/{part}", key).json() for part in parts}


def plain(reply: Reply) -> tuple[int, dict[str, Any]]:
    """An answer without what differs from request to request."""
    body = reply.json()
    body.pop("request_id", None)
    return reply.status, body


def test_carrier_or_provider_that_knows_the_numbers_enters_no_case(world: Registered, owner: str) -> None:
    # A rogue of its own: that of the other tests has parcels.
    rogue = world.add("newcomer", "carrier", "payment_provider", "platform")
    case = file(world, owner, "enter")
    before = seen(world, owner, case)

    carried = world.must("POST", "/v1/transport-documents", rogue, waybill("enter")).json()
    paid = world.must("POST", "/v1/payments", rogue, payment("enter")).json()
    ordered = world.must("POST", "/v1/orders", rogue, order("enter")).json()

    for answer in (carried, paid, ordered):
        assert answer["status"] == "recorded"
        assert answer["receipt"]
        assert not answer.get("case_id"), "whether there is such a case is not said"
    assert seen(world, owner, case) == before
    assert world.ask("GET", f"/v1/cases/{case}", rogue).status == 404
    assert world.must("GET", "/v1/declarations", rogue).json()["consignments"] == []
    assert world.must("GET", "/v1/events", rogue).json()["events"] == []


def test_document_for_a_case_and_for_none_are_answered_alike(
    world: Registered, owner: str, rogue: str
) -> None:
    file(world, owner, "there")
    routes = {"transport-documents": waybill, "payments": payment, "orders": order, "arrivals": arrival}

    for route, document in routes.items():
        known = plain(world.ask("POST", f"/v1/{route}", rogue, document("there")))
        unknown = plain(world.ask("POST", f"/v1/{route}", rogue, document("not-there")))
        for _, body in (known, unknown):
            for name in ("reference", "document_id", "receipt"):
                body.pop(name, None)
        assert known == unknown, route


def test_stranger_marks_nothing_paid_and_reports_no_arrival(
    world: Registered, owner: str, rogue: str
) -> None:
    """Enter by number, report the landing, mark the charges paid: the parcel was released."""
    case = file(world, owner, "free")
    before = seen(world, owner, case)

    world.must("POST", "/v1/transport-documents", rogue, waybill("free"))
    for changes in (
        {},
        {"reference": "ARRIVAL-HOUSE", "conveyance_reference": None, "house_document": "HOUSE-free"},
    ):
        world.ask("POST", "/v1/arrivals", rogue, arrival("free", **changes))
    mark = {"reference": "MARK", "kind": "paid", "currency_code": "EUR", "amount": "100.00"}
    marked = world.ask("POST", f"/v1/cases/{case}/payment-records", rogue, mark)

    assert marked.status == 404
    after = seen(world, owner, case)
    assert after[case]["status"] == before[case]["status"] == "arrival-expected"
    assert after == before


def test_stranger_with_a_parcel_on_the_same_flight_lands_only_its_own(
    world: Registered, owner: str, rogue: str
) -> None:
    case = file(world, owner, "shared", master_document="AWB-shared", receptacle_id="BAG-shared")
    before = seen(world, owner, case)

    own = file(
        world,
        rogue,
        "beside",
        conveyance_reference="FLIGHT-shared",
        master_document="AWB-shared",
        receptacle_id="BAG-shared",
    )
    for number in ("conveyance_reference", "master_document", "receptacle_id"):
        named = {
            "conveyance_reference": "FLIGHT-shared",
            "master_document": "AWB-shared",
            "receptacle_id": "BAG-shared",
        }
        only = {"conveyance_reference": None, number: named[number]}
        world.ask("POST", "/v1/arrivals", rogue, arrival("shared", reference=f"A-{number}", **only))

    assert seen(world, owner, case) == before
    assert world.must("GET", f"/v1/cases/{own}", rogue).json()["status"] == "payment-due"


def test_report_of_a_stranger_does_not_keep_the_carrier_from_reporting(
    world: Registered, owner: str, rogue: str
) -> None:
    world.must("POST", "/v1/arrivals", rogue, arrival("first", arrived_at="2026-06-01T08:00:00Z"))
    case = file(world, owner, "first")

    answer = world.must("POST", "/v1/arrivals", owner, arrival("first", reference="A-OWNER"))

    assert answer.json()["status"] == "recorded"
    state = world.must("GET", f"/v1/cases/{case}", owner).json()["consignments"][0]
    assert state["arrived_at"] == "2026-06-21T08:00:00Z"


def test_stranger_writes_nothing_into_a_history(world: Registered, owner: str, rogue: str) -> None:
    case = file(world, owner, "burnt")
    before = seen(world, owner, case)

    captured = world.ask("POST", CAPTURE, rogue, observation("burnt", "destroying", "destroyed"))

    assert captured.status in (200, 201, 202), captured.content
    assert seen(world, owner, case) == before
    officer = world.must("GET", f"/v1/cases/{case}/history", world.admin).content
    assert b"estroyed" not in officer


def test_declaration_of_a_stranger_draws_no_document_of_others(
    world: Registered, owner: str, rogue: str
) -> None:
    world.must("POST", "/v1/orders", owner, order("drawn"))

    case = file(world, rogue, "drawn")

    read = world.must("GET", f"/v1/cases/{case}", rogue).json()
    assert {one["kind"] for one in read["documents"]} == {"declaration"}
    assert "match" not in read
