"""What agencies ask for themselves, over HTTP: from its day on, by two people, of their own rules alone."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg import AsyncConnection

from serai.foundation.access import parties
from serai.foundation.access.actor import MemberRole
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.members.organisations import add_member
from serai.foundation.access.secrets import form_token
from serai.foundation.access.sign_in import make_link
from serai.foundation.id_text import format_id
from serai.web.permits.requirement_changes import WAITING_COUNT_MAX
from tests.journey.cases.world import AT, SCOPES, World, file, running_world, wait_for_law
from tests.journey.permits.test_over_http import CITES, PLANTS, ivory

PATH = "/v1/agencies/requirements"
WAITING = f"{PATH}/proposals"
UNCHANGED = "eu-cultural-goods"
"""A rule of the agency's about which it never says anything."""
ANN, BEN, PAT, EVE = 577, 578, 579, 580
PEOPLE = (
    (ANN, CITES, MemberRole.MEMBER),
    (BEN, CITES, MemberRole.MEMBER),
    (PAT, PLANTS, MemberRole.MANAGER),
    (EVE, CITES, MemberRole.READER),
)


async def _agency(dsn: str, party_id: int, name: str) -> str:
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        own: dict[str, Any] = {"party_id": party_id, "administration_id": 1}
        await parties.create_party(connection, name=f"Agency {name}", at=AT, **own)
        await parties.add_role(connection, role="agency", at=AT, **own)
        key: dict[str, Any] = {"key_id": 1000 + party_id, "scopes": SCOPES, "at": AT, "expires_at": None}
        made = await parties.add_key(connection, person=f"person-{name}", **key, **own)
        return made.text


async def add_people(
    dsn: str, administration_id: int, people: tuple[tuple[int, int, MemberRole], ...]
) -> None:
    """Give agencies people who can sign in. people: account, party, what they may."""
    by = ActingUser(
        administration_id, "operator:test", dt.datetime.now(dt.UTC), count(9_100_000_001).__next__
    )
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        for account_id, party_id, member_role in people:
            await add_member(
                connection,
                by,
                account_id=account_id,
                party_id=party_id,
                email=f"person-{account_id}@agency.example",
                password_hash="-",
                member_role=member_role,
                language="en",
            )


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        for party_id, name in ((CITES, "cites"), (PLANTS, "plants")):
            running.keys[name] = asyncio.run(_agency(world_database, party_id, name))
        asyncio.run(add_people(world_database, 1, PEOPLE))
        for party_id, rule_id in ((CITES, "eu-cites"), (CITES, UNCHANGED), (PLANTS, "eu-seeds")):
            remit = {"party": format_id(party_id), "rule_id": rule_id}
            assert asked(running, "officer", "POST", "/v1/agencies/remits", json=remit).status_code == 201
        yield running


@contextmanager
def signed_in(world: World, account_id: int) -> Iterator[httpx2.Client]:
    """A person, signed in."""
    with ThreadPoolExecutor(1) as thread:
        token = thread.submit(lambda: asyncio.run(_link(world.dsn, account_id))).result()
    headers = {"accept": "application/json"}
    with httpx2.Client(base_url=world.address, timeout=60, headers=headers) as client:
        client.get(f"/enter/{token}")
        (session,) = [value for key, value in client.cookies.items() if "session" in key]
        client.headers["x-form-token"] = form_token(session)
        yield client


async def _link(dsn: str, account_id: int) -> str:
    async with await AsyncConnection.connect(dsn) as connection:
        now = dt.datetime.now(dt.UTC)
        return await make_link(connection, account_id=account_id, administration_id=1, at=now)


def asked(world: World, party: str, method: str, path: str, **more: Any) -> httpx2.Response:
    with world.client(party) as client:
        return client.request(method, path, **more)


def day(days: int) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).date().isoformat()


def confirmed(world: World, answer: httpx2.Response) -> dict[str, Any]:
    """Let a second person confirm what waits, and wait until the server decides by it."""
    assert answer.status_code == 202, answer.text
    path = f"{WAITING}/{answer.json()['proposal']}/approval"
    with signed_in(world, BEN) as ben:
        done = ben.post(path, json={"content_sha256": answer.json()["content_sha256"]})
        assert done.status_code == 200, done.text
        # Sent twice, it is done once.
        again = ben.post(path, json={"content_sha256": answer.json()["content_sha256"]})
        assert again.status_code == 404
    with psycopg.connect(world.dsn) as connection:
        found = connection.execute("SELECT max(generation_id) FROM law_generation").fetchone()
    wait_for_law(world, found[0] if found else 0)
    out: dict[str, Any] = done.json()
    return out


def replays(world: World, case_id: str) -> None:
    """The decision of a case is found again, by the law that it was made by."""
    explained = asked(world, "officer", "GET", f"/v1/cases/{case_id}/explanation").json()
    assert explained["agrees"], explained["differences"]


def declared(world: World, reference: str, **item: Any) -> tuple[str, bool]:
    """Declare ivory today; return its case, and whether the rule of the agency speaks of it."""
    said = ivory(reference, **item) | {"accepted_at": dt.datetime.now(dt.UTC).isoformat()}
    with world.client("post") as client:
        (answer,) = file(client, said)
    replays(world, answer["case_id"])
    return answer["case_id"], "eu-cites" in [one["code"] for one in answer["decision"]["reasons"]]


def is_quoted(world: World, days: int, **item: Any) -> bool:
    """Say whether a quote for a day of acceptance names the rule."""
    goods = {
        "sequence_number": 1,
        "commodity_code": "96011000",
        "description": "small white figurine",
        "quantity": "1",
        "invoice_amount": "40.00",
        "invoice_currency_code": "EUR",
        "origin_country_code": "CN",
        **item,
    }
    body = {"goods_items": [goods], "destination_country_code": "DE", "accepted_at": f"{day(days)}T12:00:00Z"}
    answer = asked(world, "platform", "POST", "/v1/quotes", json=body)
    assert answer.status_code == 200, answer.text
    return "eu-cites" in answer.text


def test_a_change_is_refused_to_others_and_to_the_same_person(world: World) -> None:
    free = {"rule_id": UNCHANGED, "valid_from": day(3), "is_asked": False}
    # Another agency finds nothing, as of a rule that there is not; others have no such act.
    others, unknown = (
        asked(world, "plants", "POST", PATH, json={**free, "rule_id": rule})
        for rule in (UNCHANGED, "eu-none")
    )
    assert (others.status_code, others.json()["detail"]) == (404, unknown.json()["detail"])
    for party in ("post", "rival", "officer"):
        assert asked(world, party, "POST", PATH, json=free).status_code == 403
        assert asked(world, party, "GET", WAITING).status_code == 403
    assert asked(world, "", "POST", PATH, json=free).status_code == 401
    past = asked(world, "cites", "POST", PATH, json={**free, "valid_from": day(-2)})
    assert past.json()["code"] == "requirement-faulty"
    none = asked(world, "cites", "POST", PATH, json={**free, "is_asked": True})
    assert none.json()["code"] == "requirement-faulty"
    assert asked(world, "cites", "POST", PATH, json={**free, "more": "x" * 50_000}).status_code == 422
    never = asked(world, "cites", "POST", f"{PATH}/{UNCHANGED}/end", json={"valid_from": day(2)})
    assert never.status_code == 404

    with signed_in(world, ANN) as ann:
        waits, twice = ann.post(PATH, json=free), ann.post(PATH, json=free)
        assert (waits.status_code, waits.json()) == (202, twice.json())
        assert waits.json()["before"]["is_as_law"]
        assert not waits.json()["after"]["is_asked"]
        path = f"{WAITING}/{waits.json()['proposal']}"
        read = {"content_sha256": waits.json()["content_sha256"]}
        assert ann.post(f"{path}/approval", json=read).json()["code"] == "own-proposal"
        assert [one["proposal"] for one in ann.get(WAITING).json()["proposals"]] == [waits.json()["proposal"]]
    # A key is no second person, nor is who may only read, nor another agency or the administration.
    assert asked(world, "cites", "POST", f"{path}/approval", json=read).status_code == 403
    with signed_in(world, EVE) as eve:
        assert eve.post(f"{path}/approval", json=read).status_code == 403
    with signed_in(world, PAT) as pat:
        assert pat.get(WAITING).json()["proposals"] == []
        assert pat.post(f"{path}/approval", json=read).status_code == 404
        assert pat.post(f"{path}/rejection", json={"reason": "mine"}).status_code == 404
    whole = f"/v1/proposals/{waits.json()['proposal']}"
    assert asked(world, "officer", "POST", f"{whole}/approval", json=read).status_code == 403
    with signed_in(world, BEN) as ben:
        other = ben.post(f"{path}/approval", json={"content_sha256": "0" * 64})
        assert other.json()["code"] == "proposal-changed"
        assert ben.post(f"{path}/rejection", json={"reason": "not now"}).status_code == 204
    told = asked(world, "cites", "GET", PATH).json()["requirements"]
    assert UNCHANGED not in [one["rule_id"] for one in told]


@pytest.mark.in_turn
def test_an_agency_that_proposes_without_end_hides_nothing_of_others(world: World) -> None:
    free = {"rule_id": "eu-seeds", "is_asked": False}
    page = {"headers": {"accept": "text/html"}}
    with signed_in(world, PAT) as pat:
        waiting = [
            pat.post(PATH, json={**free, "valid_from": day(3 + number)}).json()["proposal"]
            for number in range(WAITING_COUNT_MAX)
        ]
        more = pat.post(PATH, json={**free, "valid_from": day(3 + WAITING_COUNT_MAX)})
        assert (more.status_code, more.json()["code"]) == (422, "requirement-faulty")
        again = pat.post(PATH, json={**free, "valid_from": day(3)})
        assert (again.status_code, again.json()["proposal"]) == (202, waiting[0]), "it waits already"
        told = asked(world, "officer", "GET", "/v1/proposals", params={"limit": 100}).json()["proposals"]
        assert set(waiting) <= {one["proposal"] for one in told}
        assert "eu-seeds" not in asked(world, "officer", "GET", "/proposals", **page).text
        for one in waiting:
            assert pat.post(f"{WAITING}/{one}/rejection", json={"reason": "no"}).status_code == 204


@pytest.mark.in_turn
def test_a_requirement_is_changed_by_its_agency_from_its_day_on(world: World) -> None:
    # What is to hold later changes nothing today; a quote knows both days.
    before, is_asked = declared(world, "REQ-BEFORE")
    assert is_asked
    later = {"rule_id": "eu-cites", "valid_from": day(2), "is_asked": False}
    confirmed(world, asked(world, "cites", "POST", PATH, json=later))
    assert declared(world, "REQ-LATER")[1]
    assert [is_quoted(world, days) for days in (0, 1, 2)] == [True, True, False]
    shown = asked(world, "officer", "GET", PATH).json()["requirements"]
    assert [(one["rule_id"], one["is_asked"], one["valid_from"]) for one in shown] == [
        ("eu-cites", False, day(2))
    ]
    assert asked(world, "cites", "GET", PATH).json()["requirements"] == shown
    assert asked(world, "plants", "GET", PATH).json()["requirements"] == []

    # Up to three pieces nothing is asked for, from today on.
    few = {
        "rule_id": "eu-cites",
        "valid_from": day(0),
        "is_asked": True,
        "document_codes": ["C400", "CITES-OWN"],
    }
    waiting = asked(world, "cites", "POST", PATH, json={**few, "free_count": 3})
    waited, is_asked = declared(world, "REQ-WAITS", quantity="3")
    assert is_asked
    confirmed(world, waiting)
    assert not declared(world, "REQ-FEW", quantity="3")[1]
    assert [is_quoted(world, 0, quantity=number) for number in ("3", "4")] == [False, True]
    with world.client("post") as client:
        many = ivory("REQ-MANY", quantity="4") | {"accepted_at": dt.datetime.now(dt.UTC).isoformat()}
        (answer,) = file(client, many, include="text")
    assert answer["decision"]["lane"] == "await"
    assert "GET /v1/agencies/requirements" in str(answer["decision"]["reasons"])
    packs = {one["code"]: one["address"] for one in answer["decision"]["law"]}
    own = next(address for code, address in packs.items() if code.startswith("EU-RESTRICTED@"))
    files = asked(world, "post", "GET", own).json()["files"]
    assert "EU-RESTRICTED/agency-requirements.json" in [one["name"] for one in files]
    # What was decided before is found again by the law of then.
    for case_id in (before, waited):
        replays(world, case_id)

    # Ended: the law's own again, and what was to hold later with it.
    confirmed(world, asked(world, "cites", "POST", f"{PATH}/eu-cites/end", json={"valid_from": day(0)}))
    assert declared(world, "REQ-ENDED", quantity="3")[1]
    (left,) = asked(world, "officer", "GET", PATH).json()["requirements"]
    assert (left["is_as_law"], left["is_asked"]) == (True, True)
