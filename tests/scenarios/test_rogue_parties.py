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
    return world.add("owner", "declarant", "platform", "payment_provider", "carrier", identifier="OWNER")


@pytest.fixture(scope="module")
def rogue(world: Registered) -> str:
    return world.add("rogue", "post", "carrier", "payment_provider", "platform", "seller", "declarant")


def file(world: Registered, key: str, name: str, **changes: Any) -> str:
    """File the declaration of a parcel; returns its case."""
    return str(world.must("POST", "/v1/declarations", key, declaration(name) | changes).json()["case_id"])


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


# ---- custody: its holder alone says where the goods are ----

DESTROYED, MOVING = ("destroying", "destroyed"), ("departing", "in_transit")
UNLOADING = ("unloading", "in_progress")
FOR_OWNER = {"sourceList": [{"type": "owning_party", "source": "urn:invented:party:OWNER"}]}
"""Of an event: whose goods they are."""


@pytest.fixture(scope="module")
def line(world: Registered) -> str:
    return world.add("line", "carrier", identifier="LINE-CUSTODY")


@pytest.fixture(scope="module")
def depot(world: Registered) -> str:
    return world.add("depot", "carrier", identifier="DEPOT-CUSTODY")


def carried(world: Registered, owner: str, line: str, name: str, **changes: Any) -> str:
    """File a parcel that a carrier has taken over, which names the declarant; returns its case."""
    named = {"carrier": {"country_code": "CN", "party_identifier": "LINE-CUSTODY"}}
    case = file(world, owner, name, detail=named, **changes)
    world.must("POST", "/v1/transport-documents", line, waybill(name, declarant_id="OWNER"))
    return case


def captured(world: Registered, key: str, name: str, said: tuple[str, str], **changes: Any) -> list[str]:
    """Have an event captured; returns why it does not count, with the next step."""
    reply = world.ask("POST", CAPTURE, key, observation(name, *said, **changes))
    assert reply.status == 202, reply.content
    refused = reply.json().get("refused", [])
    assert all(one["finding"]["remedy"] for one in refused)
    return [one["finding"]["code"] for one in refused]


def observed(world: Registered, key: str, case: str) -> list[str]:
    moments = world.must("GET", f"/v1/cases/{case}/history", key).json()["moments"]
    return [one["sentence"] for one in moments if one["kind"] == "observed"]


def told(world: Registered, key: str, name: str) -> list[str]:
    """Steps of the events that a party finds about a parcel, other than its own decisions'."""
    found = world.must("GET", f"/v1/epcis/events?MATCH_anyEPC=urn:invented:parcel:HOUSE-{name}", key).json()
    events = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return [one["bizStep"] for one in events if not one["eventID"].startswith("urn:x-serai:")]


def has_task(world: Registered, case: str) -> bool:
    return case in world.must("GET", "/v1/declarations?task=custody", world.admin).content.decode()


def test_who_declares_does_not_move_what_its_carrier_has_destroyed(
    world: Registered, owner: str, line: str
) -> None:
    case = carried(world, owner, line, "cust-1")

    by_carrier = captured(world, line, "cust-1", DESTROYED)
    asked_before = has_task(world, case)
    by_declarant = captured(world, owner, "cust-1", MOVING)
    by_carrier_after = captured(world, line, "cust-1", MOVING)

    assert (by_carrier, by_declarant, by_carrier_after) == ([], ["custody-not-held"], ["custody-ended"])
    assert (asked_before, has_task(world, case)) == (False, True)
    path, word = f"/v1/cases/{case}/custody/closure", {"reason": "the declarant was mistaken"}
    assert world.ask("POST", path, owner, word).status == 403
    settled = [world.must("POST", path, world.admin, word).json() for _ in range(2)]
    assert settled[0] == settled[1]
    assert captured(world, owner, "cust-1", MOVING) == ["custody-not-held"]  # it was looked at
    assert not has_task(world, case)
    assert told(world, owner, "cust-1") == ["destroying", "departing"]  # its own is shown to it
    assert told(world, line, "cust-1") == ["destroying", "departing"]
    assert observed(world, owner, case)[0] == "Destroyed."
    assert observed(world, owner, case)[1].startswith("Does not count: Left. ")
    assert len([one for one in observed(world, world.admin, case) if one.startswith("Does not count")]) == 2


def test_what_a_declarant_says_of_the_end_first_does_not_count(
    world: Registered, owner: str, line: str
) -> None:
    case = carried(world, owner, line, "cust-2")

    assert captured(world, owner, "cust-2", DESTROYED) == ["custody-not-held"]
    assert captured(world, line, "cust-2", MOVING) == []

    assert observed(world, line, case) == ["Left."]
    assert told(world, line, "cust-2") == ["departing"]


def test_a_party_named_for_another_part_says_nothing_of_where_goods_are(
    world: Registered, owner: str, line: str
) -> None:
    other = world.add("other", "carrier", "platform", identifier="PLATFORM-CUSTODY")
    case = carried(world, owner, line, "cust-3", platform_id="PLATFORM-CUSTODY")
    assert world.ask("GET", f"/v1/cases/{case}", other).status == 200

    assert captured(world, other, "cust-3", DESTROYED) == ["custody-not-held"]

    assert (observed(world, owner, case), told(world, owner, "cust-3")) == ([], [])


@pytest.mark.in_turn
def test_goods_are_handed_over_by_an_event_of_their_holder(
    world: Registered, owner: str, line: str, depot: str
) -> None:
    case = carried(world, owner, line, "cust-4")
    to_depot = [{"type": "possessing_party", "destination": "urn:invented:party:DEPOT-CUSTODY"}]

    assert captured(world, depot, "cust-4", DESTROYED) == []  # a stranger is not told that there is a case
    before = observed(world, owner, case)
    assert captured(world, line, "cust-4", ("shipping", "in_transit"), destinationList=to_depot) == []
    later = {"eventTime": "2026-06-22T09:00:00Z"}
    assert captured(world, depot, "cust-4", ("storing", "in_progress"), **later) == []
    assert captured(world, depot, "cust-4", ("loading", "in_progress"), **later, **FOR_OWNER) == []
    assert captured(world, line, "cust-4", DESTROYED, **later) == ["custody-not-held"]

    assert before == []
    assert observed(world, world.admin, case)[:3] == ["Shipped.", "Stored.", "Loaded."]
    # Whom the depot's event names reads that one.
    assert observed(world, owner, case) == ["Shipped.", "Loaded."]
    assert told(world, owner, "cust-4") == ["shipping", "loading"]


def test_a_mandate_with_custody_lets_its_grantee_speak_for_the_holder(
    world: Registered, owner: str, line: str
) -> None:
    depot = world.add("agent", "carrier", identifier="AGENT-CUSTODY")
    case = carried(world, owner, line, "cust-5")
    terms = {"reference": "CUSTODY-5", "grantee_identifier": "AGENT-CUSTODY", "has_custody": True}
    world.must("POST", "/v1/mandates", line, {**terms, "valid_from": "2026-06-22T07:00:00Z"})

    assert captured(world, depot, "cust-5", ("storing", "in_progress"), **FOR_OWNER) == []
    assert captured(world, line, "cust-5", DESTROYED) == ["custody-not-held"]

    assert observed(world, owner, case) == ["Stored."]


def test_its_sender_takes_an_end_back_and_goods_go_on(world: Registered, owner: str, line: str) -> None:
    case = carried(world, owner, line, "cust-6")
    wrong = {"declarationTime": "2026-06-23T08:00:00Z", "reason": "did_not_occur"}

    assert captured(world, line, "cust-6", DESTROYED) == []
    assert captured(world, owner, "cust-6", DESTROYED, errorDeclaration=wrong) == ["custody-not-sent"]
    assert captured(world, line, "cust-6", MOVING) == ["custody-ended"]
    assert captured(world, line, "cust-6", DESTROYED, errorDeclaration=wrong) == []

    assert observed(world, line, case) == ["Left.", "Declared wrong: destroyed."]
    assert captured(world, line, "cust-6", MOVING) == []  # the same event, which counts now


SECRETS = (
    b"77.77",
    b"57.77",
    b"secret goods",
    b"carrier alone",
    b"9.123",
    b"PAYMENT-told",
    b"seen by the carrier",
    b"SECRET-QUAY",
    b"unloading",
    b"Unloaded",
)
"""What only the senders of the victim's documents know; among it what follows from it."""


def everything(world: Registered, key: str, case: str) -> bytes:
    """All that a party can read of a case."""
    found = world.must("GET", f"/v1/cases/{case}", key)
    numbers = [one["document_id"] for one in found.json()["documents"]]
    paths = [
        *(
            f"/v1/cases/{case}/{part}"
            for part in ("decision", "charges", "history", "acts", "notices", "explanation")
        ),
        *(f"/v1/cases/{case}/documents/{one}" for one in numbers),
        *(f"/v1/receipts/{one}/openings" for one in numbers),
        f"/v1/cases/{case}/quotes",
        f"/v1/cases/{case}/people?purpose=correction",
        f"/parcels/{case}",
        "/v1/declarations",
        "/v1/events",
        *(f"/v1/epcis/{path}" for path in EVENT_PATHS),
        *(f"/v1/epcis/queries/{name}/events" for name in ask_by_name(world, key)),
    ]
    return b"".join([found.content, *(world.ask("GET", path, key).content for path in paths)])


EVENT_PATHS = (
    "events",
    "events?MATCH_anyEPC=urn:invented:parcel:HOUSE-told",
    "events?EQ_readPoint=urn:invented:place:SECRET-QUAY&EQ_bizStep=unloading",
    "events/urn:invented:event:told",
    "events?EQ_eventID=urn:invented:event:told",
    "epcs/urn:invented:parcel:HOUSE-told/events",
    "bizSteps/unloading/events",
    "eventTypes/ObjectEvent/events",
    *("epcs", "bizSteps", "bizLocations", "readPoints", "dispositions", "capture"),
)
"""Ways to ask for the events of the parcel `told`. What the asker itself names comes back in no answer."""


def ask_by_name(world: Registered, key: str) -> list[str]:
    """Give queries names, once; returns these."""
    queries = {
        "house": {"MATCH_anyEPC": ["urn:invented:parcel:HOUSE-told"]},
        "steps": {"eventType": ["ObjectEvent"]},
    }
    for name, query in queries.items():
        assert world.ask("POST", "/v1/epcis/queries", key, {"name": name, "query": query}).status in (
            201,
            409,
        )
    return list(queries)


@pytest.mark.in_turn
def test_declarant_that_names_its_victims_reads_nothing_of_their_documents(world: Registered) -> None:
    market = world.add("market", "platform", "payment_provider", identifier="TOLD-MARKET")
    line = world.add("line", "carrier", identifier="TOLD-LINE")
    honest = world.add("honest", "declarant", identifier="TOLD-HONEST")
    thief = world.add("thief", "declarant", identifier="TOLD-THIEF")
    named = {
        "platform_id": "TOLD-MARKET",
        "detail": {"carrier": {"country_code": "CN", "party_identifier": "TOLD-LINE"}},
    }
    goods = {"sequence_number": 1, "description": "secret goods", "quantity": "1", "amount": "77.77"}
    ordered = order("told", platform_id="TOLD-MARKET", lines=[goods])
    world.must("POST", "/v1/orders", market, ordered)
    world.must("POST", "/v1/payments", market, payment("told", amount="77.77"))
    bill = waybill("told", description="carrier alone", gross_mass_kg="9.123")
    world.must("POST", "/v1/transport-documents", line, bill)
    quay = {"eventID": "urn:invented:event:told", "readPoint": {"id": "urn:invented:place:SECRET-QUAY"}}
    assert captured(world, line, "told", UNLOADING, **quay) == []

    stolen = file(world, thief, "told", reference="THIEF", **named)

    kinds = {one["kind"]: one for one in world.must("GET", f"/v1/cases/{stolen}", thief).json()["documents"]}
    assert kinds.keys() == {"declaration", "order", "payment", "transport-document"}, "as it was named"
    assert not any(one["is_readable"] for kind, one in kinds.items() if kind != "declaration")
    read = everything(world, thief, stolen)
    assert [secret for secret in SECRETS if secret in read] == []
    assert b"declared-amount-differs" in read, "that a comparison does not agree is said, not by how much"
    officer = world.must("GET", f"/v1/cases/{stolen}", world.admin).content
    assert b"57.77" in officer, "an officer reads by how much"

    case = file(world, honest, "told", **named)
    statuses = [world.must("GET", f"/v1/cases/{one}", world.admin).json()["status"] for one in (stolen, case)]
    assert statuses == ["under-documentary-control"] * 2
    asked = world.must("GET", "/v1/declarations?task=two-declarants", world.admin).json()["consignments"]
    assert "D-told" in {one["reference"] for one in asked}
    asked = world.must("GET", "/v1/declarations?lane=review", world.admin).json()["consignments"]
    assert "THIEF" in {one["reference"] for one in asked}, "its value is contradicted: that comes first"

    again = world.must("POST", "/v1/orders", market, order("told", reference="AGAIN", ucr="UCR-told")).json()
    reason = world.must("GET", "/v1/orders/AGAIN", market).json()["reason"]
    assert (again["status"], reason["code"]) == ("recorded", "two-declarants"), (
        "its sender is told how to settle it"
    )
    world.must("POST", "/v1/orders", market, ordered | {"declarant_id": "TOLD-HONEST", "amends_version": 1})

    rightful = world.must("GET", f"/v1/cases/{case}", honest).json()
    (shown,) = (one for one in rightful["documents"] if one["kind"] == "order")
    content = world.must("GET", f"/v1/cases/{case}/documents/{shown['document_id']}", honest).content
    assert b"secret goods" in content, "whom the order names reads it"
    assert rightful["status"] == "under-documentary-control", "it declares less than was ordered"
    price = {
        "reference": "PRICE-told",
        "kind": "value-determined",
        "reason_code": "documents-agree",
        "currency_code": "EUR",
        "amount": "20.00",
        "expected_decision_id": world.must("GET", f"/v1/cases/{case}/decision", honest).json()["decision"][
            "decision_id"
        ],
    }
    world.must("POST", f"/v1/cases/{case}/acts", world.admin, price)
    assert world.must("GET", f"/v1/cases/{case}", honest).json()["status"] == "arrival-expected"
    left = world.must("GET", f"/v1/cases/{stolen}", thief).json()
    assert left["status"] == "under-documentary-control"
    assert [secret for secret in SECRETS if secret in everything(world, thief, stolen)] == []

    assert observed(world, honest, case) == [], "its carrier has not named it yet"
    world.must(
        "POST", "/v1/transport-documents", line, bill | {"declarant_id": "TOLD-HONEST", "amends_version": 1}
    )
    assert observed(world, honest, case) == ["Unloaded at SECRET-QUAY."]
    assert [secret for secret in SECRETS if secret in everything(world, thief, stolen)] == []


def test_declarant_sees_where_its_parcel_is_once_its_carrier_has_named_or_mandated_it(
    world: Registered,
) -> None:
    line = world.add("opening", "carrier", identifier="WHERE-LINE")
    declarant = world.add("asking", "declarant", identifier="WHERE-DECLARANT")
    named = {"carrier": {"country_code": "CN", "party_identifier": "WHERE-LINE"}}
    case = file(world, declarant, "where", detail=named)
    world.must("POST", "/v1/transport-documents", line, waybill("where"))
    assert captured(world, line, "where", MOVING) == []

    def seen_by_declarant() -> tuple[list[str], list[str]]:
        return observed(world, declarant, case), told(world, declarant, "where")

    grant = {"reference": "WHERE", "document_kinds": ["transport-document"], "representation_code": "direct"}
    unnamed = seen_by_declarant()
    world.must("POST", "/v1/mandates", declarant, grant | {"grantee_identifier": "WHERE-LINE"})
    rogue_mandate = seen_by_declarant()
    mandate = world.must(
        "POST", "/v1/mandates", line, grant | {"grantee_identifier": "WHERE-DECLARANT"}
    ).json()
    mandated = seen_by_declarant()
    world.must("POST", f"/v1/mandates/{mandate['mandate_id']}/revocation", line, {})
    revoked = seen_by_declarant()
    bill = waybill("where", declarant_id="WHERE-DECLARANT", amends_version=1)
    world.must("POST", "/v1/transport-documents", line, bill)

    assert unnamed == rogue_mandate == revoked == ([], [])
    assert mandated == seen_by_declarant() == (["Left."], ["departing"])


def test_declarant_learns_of_no_end_that_is_not_open_to_it(world: Registered, rogue: str, line: str) -> None:
    named = {"carrier": {"country_code": "CN", "party_identifier": "LINE-CUSTODY"}}
    case = file(world, rogue, "probed", detail=named)
    probe = {"eventTime": "2026-06-25T08:00:00Z"}
    assert captured(world, rogue, "probed", MOVING, **probe) == [], "it holds first"
    assert captured(world, line, "probed", DESTROYED) == []
    assert captured(world, rogue, "probed", MOVING, **probe) == ["custody-not-held"], "sent once more"

    (to_rogue,) = observed(world, rogue, case)
    (gone, to_officer) = observed(world, world.admin, case)

    assert gone == "Destroyed."
    assert "destroyed" in to_officer
    assert to_rogue.startswith("Does not count: Left. ")
    assert "destroyed" not in to_rogue


def test_victims_mandate_opens_its_documents_and_a_rogues_does_not(world: Registered) -> None:
    """A mandate is granted without being asked for: only the sender's own opens its documents."""
    market = world.add("mandating", "platform", identifier="OPEN-MARKET")
    declarant = world.add("mandated", "declarant", identifier="OPEN-DECLARANT")
    world.must("POST", "/v1/orders", market, order("open", platform_id="OPEN-MARKET"))
    case = file(world, declarant, "open", platform_id="OPEN-MARKET")
    grant = {"reference": "M", "document_kinds": ["order"], "representation_code": "direct"}

    def is_readable() -> bool:
        documents = world.must("GET", f"/v1/cases/{case}", declarant).json()["documents"]
        return bool(next(one["is_readable"] for one in documents if one["kind"] == "order"))

    assert not is_readable()
    world.must("POST", "/v1/mandates", declarant, grant | {"grantee_identifier": "OPEN-MARKET"})
    assert not is_readable()
    world.must("POST", "/v1/mandates", market, grant | {"grantee_identifier": "OPEN-DECLARANT"})
    assert is_readable()
