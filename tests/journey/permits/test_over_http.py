"""Agencies and their permits over HTTP: issued, brought as they were signed, named for goods; and attacks."""

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from psycopg import AsyncConnection

from serai.foundation.access import parties
from serai.foundation.id_text import format_id
from serai.foundation.jws import encode_part, sign_compact
from tests.journey.cases.world import AT, SCOPES, World, file, parcel, running_world
from tests.journey.tax_paid.tokens import OTHER, SIGNER, Signer

CITES, PLANTS = 31, 32
NOW = dt.datetime.now(dt.UTC)
ROOT = Path(__file__).parents[3]
CERTIFICATE = ROOT / "examples" / "permits" / "sps-certificate.xml"
Ask = Callable[[str], httpx2.Client]


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        for party_id, name in ((CITES, "cites"), (PLANTS, "plants")):
            running.keys[name] = asyncio.run(_agency(world_database, party_id, name))
        with running.client("officer") as admin:
            for party_id, rule_id, kid, signer in (
                (CITES, "eu-cites", "cites-1", SIGNER),
                (PLANTS, "eu-seeds", "plants-1", OTHER),
            ):
                party = format_id(party_id)
                made = admin.post("/v1/agencies/remits", json={"party": party, "rule_id": rule_id})
                assert made.status_code == 201, made.text
                key = {"party": party, "kid": kid, "public_key": encode_part(signer.public_key)}
                made = admin.post("/v1/agencies/keys", json=key | {"certificate_valid_days": 90})
                assert made.status_code == 201, made.text
        yield running


async def _agency(dsn: str, party_id: int, name: str) -> str:
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        own: dict[str, Any] = {"party_id": party_id, "administration_id": 1}
        await parties.create_party(connection, name=f"Agency {name}", at=AT, **own)
        await parties.add_role(connection, role="agency", at=AT, **own)
        scopes = SCOPES - {"administering"}
        key_id = 1000 + party_id
        key = await parties.add_key(connection, key_id=key_id, scopes=scopes, at=AT, expires_at=None, **own)
        return key.text


@pytest.fixture
def ask(world: World) -> Iterator[Ask]:
    """Gives a client with a party's key, closed when the test ends."""
    with ExitStack() as stack:
        yield lambda party: stack.enter_context(world.client(party))


def permit(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "type_code": "C400",
        "holder": {"kind": "bearer"},
        "commodity_codes": ["9601"],
        "quantity": "10",
        "quantity_unit_code": "C62",
        "valid_from": (NOW - dt.timedelta(days=1)).isoformat(),
        "valid_to": (NOW + dt.timedelta(days=30)).isoformat(),
        **changes,
    }


def ivory(reference: str, number: str | None = None, **item: Any) -> dict[str, Any]:
    declared = parcel(reference, house_document=reference)
    named = [{"type_code": "C400", "reference": number}] if number else []
    declared["goods_items"][0] |= {
        "commodity_code": "96011000",
        "description": "small white figurine",
        "additional_documents": named,
    } | item
    return declared


def signed(content: Any, *, kid: str = "cites-1", by: Signer = SIGNER, typ: str = "permit+json") -> str:
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    return sign_compact(payload, by, kid=kid, typ=typ)


def of_test(number: str, administration: str = "TEST", **changes: Any) -> dict[str, Any]:
    return {"administration": administration, "permit": permit(number, **changes)}


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["decision"]["findings"] if one["code"].startswith("permit-")]


def test_an_agency_issues_and_its_permit_is_drawn_by_forty_sellers_at_once(world: World, ask: Ask) -> None:
    agency = ask("cites")
    made, again = (agency.post("/v1/permits", json=permit("HTTP-40", quantity="30")) for _ in range(2))
    changed = agency.post("/v1/permits", json=permit("HTTP-40", quantity="31"))
    assert [one.status_code for one in (made, again, changed)] == [201, 200, 409]

    def declare(number: int) -> dict[str, Any]:
        with world.client("post") as client:
            return file(client, ivory(f"FORTY-{number}", "HTTP-40"), include="text")[0]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(declare, range(40)))

    lanes = [one["decision"]["lane"] for one in answers]
    assert lanes.count("proceed") == 30
    over = [one for one in answers if one["decision"]["lane"] == "await"]
    assert len(over) == 10
    assert {code for one in over for code in codes(one)} == {"permit-exhausted"}
    told = next(one for one in over[0]["decision"]["findings"] if one["code"] == "permit-exhausted")
    assert "Agency cites" in told["remedy"]
    shown = agency.get("/v1/permits/HTTP-40").json()
    assert (shown["permit"]["drawn_quantity"], shown["permit"]["left_quantity"]) == ("30", "0")
    assert len(shown["draws"]) == 30
    # The decision is worked out again from what was recorded, with and without a permit that covers.
    for one in (over[0], answers[lanes.index("proceed")]):
        explained = ask("officer").get(f"/v1/cases/{one['case_id']}/explanation").json()
        assert explained["agrees"], explained["differences"]


def test_what_an_agency_signed_is_brought_by_anybody_and_nothing_else(ask: Ask) -> None:
    seller, agency = ask("seller"), ask("cites")
    good = signed(of_test("SIGNED-1"))
    brought, again = (seller.post("/v1/permits/signed", json={"signed": good}) for _ in range(2))
    assert (brought.status_code, brought.json()["source"], again.status_code) == (201, "signed", 200)
    certificate = signed(CERTIFICATE.read_bytes(), kid="plants-1", by=OTHER, typ="spscertificate+xml")
    taken = seller.post("/v1/permits/signed", json={"signed": certificate}).json()
    assert (taken["type_code"], taken["quantity"], taken["source"]) == ("N851", "0.35", "ecert")

    refused = {
        "forged": (signed(of_test("F-1"), by=Signer(9)), "permit-signature-unknown"),
        "of a key that nobody knows": (signed(of_test("F-2"), kid="gb-1"), "permit-signature-unknown"),
        "under another agency's name": (signed(of_test("F-3"), kid="plants-1"), "permit-signature-unknown"),
        "for another administration": (signed(of_test("F-4", "GB")), "permit-for-another-administration"),
        "cut off": (good[:-9], "permit-signature-unknown"),
        "not a permit": (signed({"administration": "TEST"}), "permit-unreadable"),
        "no certificate": (signed(b"<a/>", typ="spscertificate+xml"), "permit-unreadable"),
        "a bomb": (
            signed(b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>', typ="spscertificate+xml"),
            "permit-unreadable",
        ),
        "another kind of content": (signed(of_test("F-5"), typ="JWT"), "permit-unreadable"),
        "valid before it begins": (
            signed(of_test("F-6", valid_to="2020-01-01T00:00:00Z")),
            "permit-faulty",
        ),
    }
    for what, (text, code) in refused.items():
        answer = seller.post("/v1/permits/signed", json={"signed": text})
        assert answer.json().get("code") == code, (what, answer.text)
    # An agency brings its own alone, and nobody issues in the name of an agency.
    theirs = agency.post("/v1/permits/signed", json={"signed": certificate})
    assert theirs.json()["code"] == "permit-signature-unknown"
    assert seller.post("/v1/permits", json=permit("MINE")).status_code == 403
    assert seller.post("/v1/permits/signed", json={"signed": "x" * (1 << 20)}).status_code in {413, 422}


def test_an_agency_sees_its_own_permits_alone(ask: Ask) -> None:
    ask("cites").post("/v1/permits", json=permit("OWN-1"))
    ask("plants").post("/v1/permits", json=permit("OWN-1", type_code="N851", commodity_codes=["1209"]))
    party = format_id(13)
    ask("cites").post("/v1/permits", json=permit("OWN-2", holder={"kind": "party", "party": party}))

    def numbers(party: str) -> set[tuple[str, str]]:
        found = ask(party).get("/v1/permits").json()["permits"]
        return {(one["number"], one["type_code"]) for one in found}

    assert {number for number in numbers("cites") if number[0] == "OWN-1"} == {("OWN-1", "C400")}
    assert {number for number in numbers("plants") if number[0].startswith("OWN")} == {("OWN-1", "N851")}
    assert numbers("seller") == {("OWN-2", "C400")}
    assert not numbers("rival")
    assert ask("plants").get("/v1/permits/OWN-2").status_code == 404
    assert ask("plants").post("/v1/permits/OWN-2/revocation").status_code == 404
    revoked = ask("cites").post("/v1/permits/OWN-2/revocation").json()
    assert not revoked["is_in_force"]
    # Its remits and keys alone; and nothing that only customs may see.
    seen = ask("plants").get("/v1/agencies").json()
    assert [one["rule_id"] for one in seen["remits"]] == ["eu-seeds"]
    assert [one["kid"] for one in seen["keys"]] == ["plants-1"]
    assert (
        ask("plants").post("/v1/agencies/remits", json={"party": party, "rule_id": "eu-seeds"}).status_code
        == 403
    )


def test_a_parcel_without_permit_waits_and_goes_on_when_one_is_brought(ask: Ask) -> None:
    (waits,) = file(ask("post"), ivory("LATER-1"))
    case_id = waits["case_id"]
    assert waits["decision"]["lane"] == "await"
    path = f"/v1/cases/{case_id}/permits"
    body = {"goods_item": 1, "document_code": "C400"}

    assert ask("rival").post(path, json={**body, "reference": "L-1", "number": "X"}).status_code == 404
    assert ask("cites").post(path, json={**body, "reference": "L-1", "number": "X"}).status_code == 403
    neither = ask("seller").post(path, json={**body, "reference": "L-1"})
    assert neither.json()["code"] == "permit-faulty"
    spoilt = ask("seller").post(
        path, json={**body, "reference": "L-1", "signed": signed(of_test("L"), by=OTHER)}
    )
    assert spoilt.json()["code"] == "permit-signature-unknown"
    named = {**body, "reference": "L-2", "signed": signed(of_test("LATER"))}
    done, again = (ask("seller").post(path, json=named) for _ in range(2))

    assert done.json() == again.json()
    assert (done.json()["lane"], done.json()["permit"]) == ("proceed", "LATER")
    assert ask("cites").get("/v1/permits/LATER").json()["permit"]["drawn_quantity"] == "1"
    explained = ask("officer").get(f"/v1/cases/{case_id}/explanation").json()
    assert explained["agrees"], explained["differences"]
    other = ask("seller").post(path, json={**named, "goods_item": 2})
    assert other.json()["code"] == "reference-reused"
