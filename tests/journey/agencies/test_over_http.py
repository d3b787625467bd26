"""An agency's own door over HTTP: its queue, its decisions; and those who have no business there."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from serai.foundation.id_text import format_id
from serai.foundation.jws import encode_part
from tests.journey.cases.world import World, file, running_world
from tests.journey.permits.test_over_http import CITES, PLANTS, _agency, ivory, of_test, signed
from tests.journey.tax_paid.tokens import SIGNER

NEXT = "/v1/agency/parcels"


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        for party_id, name, rule_id in ((CITES, "cites", "eu-cites"), (PLANTS, "plants", "eu-seeds")):
            running.keys[name] = asyncio.run(_agency(world_database, party_id, name))
            with running.client("officer") as admin:
                remit = {"party": format_id(party_id), "rule_id": rule_id}
                assert admin.post("/v1/agencies/remits", json=remit).status_code == 201
        yield running


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def asked(world: World, party: str, method: str, path: str, **more: Any) -> httpx2.Response:
    with world.client(party) as client:
        return client.request(method, path, **more)


def mine(page: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any] | None:
    """The parcel of an answer on a page of parcels."""
    return next((it for it in page["parcels"] if it["mrn"] == answer["decision"]["mrn"]), None)


def test_an_agency_decides_and_nobody_else_reads_or_writes_there(world: World) -> None:
    with world.client("post") as client:
        (answer,) = file(client, ivory("DOOR-1"))
    assert answer["decision"]["lane"] == "await"
    page = asked(world, "cites", "GET", NEXT).json()
    one = mine(page, answer)
    assert one is not None
    assert (one["state"], one["rules"], page["next_after"]) == ("waiting", ["eu-cites"], None)
    path = f"{NEXT}/{one['parcel']}"
    decisions = f"{path}/decisions"
    clear = {"reference": "A-1", "decision": "cleared", "reason_code": "document-shown"}

    # Another agency finds nothing; whoever declared it, its carrier, an officer have no such door.
    assert asked(world, "plants", "GET", NEXT).json()["parcels"] == []
    for method, address, body in (("GET", path, None), ("POST", decisions, clear)):
        assert asked(world, "plants", method, address, json=body).status_code == 404
        for party in ("post", "rival", "officer", "analyst"):
            assert asked(world, party, method, address, json=body).status_code == 403
        assert asked(world, "", method, address, json=body).status_code == 401
    # An agency has no part in the case: its own door is all that it has.
    assert asked(world, "cites", "GET", f"/v1/cases/{answer['case_id']}").status_code == 404
    bad = {**clear, "reason": "x" * 50_000}
    assert asked(world, "cites", "POST", decisions, json=bad).status_code == 422
    assert asked(world, "cites", "POST", decisions, json={**clear, "more": 1}).status_code == 422
    absent = f"{NEXT}/{format_id(7)}"
    assert asked(world, "cites", "GET", absent).json()["code"] == "not-found"

    seen = asked(world, "cites", "GET", path).json()
    assert [item["commodity_code"] for item in seen["goods"]] == ["96011000"]
    text = str(seen)
    for secret in ("Invented Person", "score", answer["case_id"], "invoice_amount"):
        assert secret not in text
    kept = {
        "reference": "A-0",
        "decision": "maintained",
        "reason_code": "document-doubtful",
        "reason": "Torn.",
    }
    assert asked(world, "cites", "POST", decisions, json=kept).json()["state"] == "maintained"
    told = asked(world, "post", "GET", f"/v1/cases/{answer['case_id']}/decision").text
    assert "agency-maintained" in told
    assert "Agency cites" in told

    done, again = (asked(world, "cites", "POST", decisions, json=clear) for _ in range(2))
    assert done.json() == again.json()
    assert done.json()["state"] == "cleared"
    assert mine(asked(world, "cites", "GET", NEXT).json(), answer) is None
    assert mine(asked(world, "cites", "GET", f"{NEXT}?standing=cleared").json(), answer)
    explained = asked(world, "officer", "GET", f"/v1/cases/{answer['case_id']}/explanation").json()
    assert explained["agrees"], explained["differences"]


def test_a_permit_brought_to_goods_that_are_here_releases_them_within_ten_minutes(world: World) -> None:
    remit_key = {"party": format_id(CITES), "kid": "cites-1", "public_key": encode_part(SIGNER.public_key)}
    assert asked(world, "officer", "POST", "/v1/agencies/keys", json=remit_key).status_code == 201
    with world.client("post") as client:
        (answer,) = file(client, ivory("CLOCK-1"))
    case = f"/v1/cases/{answer['case_id']}"
    pay = {"reference": "PAY-1", "kind": "paid", "currency_code": "EUR", "amount": "100.00"}
    assert asked(world, "officer", "POST", f"{case}/payment-records", json=pay).status_code in {200, 201}
    landed = {"reference": "LANDED-1", "house_document": "CLOCK-1", "arrived_at": now().isoformat()}
    assert asked(world, "post", "POST", "/v1/arrivals", json=landed).status_code < 300
    held = asked(world, "post", "GET", case).json()["consignments"][0]
    assert (held["lane"], held["status"]) == ("await", "document-missing")

    begun = now()
    named = {"reference": "N-1", "goods_item": 1, "document_code": "C400", "signed": signed(of_test("CLOCK"))}
    done = asked(world, "post", "POST", f"{case}/permits", json=named)
    assert done.json()["lane"] == "proceed", done.text
    freed = asked(world, "post", "GET", case).json()["consignments"][0]
    assert freed["status"] == "released"
    assert now() - begun < dt.timedelta(minutes=10)
    assert mine(asked(world, "cites", "GET", f"{NEXT}?standing=ended").json(), answer)


def test_an_appeal_stops_the_disposal_of_what_an_agency_refuses(world: World) -> None:
    with world.client("post") as client:
        (answer,) = file(client, ivory("DISPOSE-1"))
    case = f"/v1/cases/{answer['case_id']}"
    one = mine(asked(world, "cites", "GET", NEXT).json(), answer)
    assert one is not None
    no = {
        "reference": "NO-1",
        "decision": "refused",
        "reason_code": "prohibited",
        "reason": "Raw ivory.",
        "exception_code": "threat-to-safety",
    }
    refused = asked(world, "cites", "POST", f"{NEXT}/{one['parcel']}/decisions", json=no)
    assert refused.json()["state"] == "refused", refused.text
    standing = asked(world, "post", "GET", case).json()["consignments"][0]
    assert standing["lane"] == "refuse"
    back = {"reference": "BACK-1", "kind": "return-to-sender", "reason_code": "not-deliverable"}
    back["expected_decision_id"] = standing["decision_id"]

    appeal = {"reference": "AP-1", "reason": "It is old.", "decision_id": standing["decision_id"]}
    lodged = asked(world, "post", "POST", f"{case}/appeals", json=appeal)
    assert lodged.status_code == 201, lodged.text
    barred = asked(world, "officer", "POST", f"{case}/acts", json=back)
    assert barred.json()["code"] == "effect-suspended", barred.text
