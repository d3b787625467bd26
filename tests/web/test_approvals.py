"""What one person proposes and another approves: who may, what waits, what becomes of it."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg import AsyncConnection

from serai.foundation.access import people, proposals
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.secrets import form_token
from serai.foundation.access.sign_in import make_link
from serai.foundation.id_text import format_id
from serai.foundation.settings import RegistrationSettings
from serai.model.creditor_reference import read_reference
from tests.journey.cases.world import World, file, parcel, rows, running_world
from tests.journey.recordals.holders import add_holders, call, lodge
from tests.web.test_bank_statements import declare, statement_of
from tests.web.test_organisation import PASSWORD, Browser, let_in, wait_for_link

CSV = {"content-type": "text/csv"}
LISTED = b"entry_id,name,kind_code\n1,Ann Invented Other,person\n"
# Two accounts are of one person.
ACCOUNTS = {
    "ann": ("ann", ["admin", "legal", "officer"]),
    "ann-2": ("ann", ["admin", "legal", "officer"]),
    "bob": ("bob", ["admin", "legal", "officer"]),
    "cy": ("cy", ["officer"]),
    "dee": ("dee", ["admin"]),
}


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    registration = RegistrationSettings(sellers="approval")
    with running_world(
        world_database,
        folder,
        approval="law lists keys accounts offices marks risk",
        registration=registration,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(world: World) -> Iterator[dict[str, httpx2.Client]]:
    """A client for each account, signed in to the pages."""
    with ThreadPoolExecutor(1) as thread:
        links = thread.submit(lambda: asyncio.run(_make_links(world.dsn))).result()
    clients = {}
    for name, token in links.items():
        client = httpx2.Client(base_url=world.address, timeout=60, headers={"accept": "application/json"})
        client.get(f"/enter/{token}")
        (session,) = [value for key, value in client.cookies.items() if "session" in key]
        client.headers["x-form-token"] = form_token(session)
        clients[name] = client
    yield clients
    for client in clients.values():
        client.close()


async def _make_links(dsn: str) -> dict[str, str]:
    links, at = {}, datetime.now(UTC)
    async with await AsyncConnection.connect(dsn) as connection:
        for number, (name, (person, roles)) in enumerate(ACCOUNTS.items(), 500):
            await people.create_account(
                connection, account_id=number, administration_id=1, sign_in_name=name,
                password="three unrelated words", roles=frozenset(roles), at=at, person=person,
            )  # fmt: skip
            links[name] = await make_link(connection, account_id=number, administration_id=1, at=at)
    return links


def propose_list(client: httpx2.Client, name: str) -> dict[str, Any]:
    answer = client.post("/v1/lists/denied-parties", params={"name": name}, content=LISTED, headers=CSV)
    assert answer.status_code == 202, answer.text
    proposal: dict[str, Any] = answer.json()
    return proposal


def approve(client: httpx2.Client, proposal: dict[str, Any], **changes: str) -> httpx2.Response:
    body = {"content_sha256": proposal["content_sha256"]} | changes
    return client.post(f"/v1/proposals/{proposal['proposal']}/approval", json=body)


def told(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def lists_of(client: httpx2.Client) -> list[str]:
    return [one["name"] for one in client.get("/v1/lists").json()["lists"]]


def acts_on(world: World, proposal: dict[str, Any]) -> list[tuple[str, str]]:
    found = rows(
        world.dsn,
        "SELECT kind, actor FROM administering_act WHERE subject = %s ORDER BY act_id",
        f"proposal {proposal['proposal']}",
    )
    return [(kind, actor) for kind, actor in found]


def test_a_list_is_in_force_once_another_person_has_approved_it(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    proposal = propose_list(signed_in["ann"], "approved.csv")
    before = lists_of(signed_in["ann"])
    read = signed_in["bob"].get(f"/v1/proposals/{proposal['proposal']}").json()

    approved = approve(signed_in["bob"], proposal)

    assert read["content"]["name"] == "approved.csv"
    assert "approved.csv" not in before
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert "approved.csv" in lists_of(signed_in["ann"])
    assert acts_on(world, proposal) == [
        ("proposal-made", "account:500"),
        ("proposal-approved", "account:502"),
    ]
    done = rows(
        world.dsn, "SELECT actor FROM administering_act WHERE subject = 'denied-parties approved.csv'"
    )
    assert done == [("account:500",)], "done in the name of whoever proposed it"
    assert told(approve(signed_in["bob"], proposal)) == (409, "proposal-decided")
    kept = rows(world.dsn, "SELECT content FROM proposal WHERE state = 'approved'")
    assert set(kept) == {(None,)}


@pytest.mark.in_turn
def test_a_recordal_and_its_extension_are_granted_by_another_person(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(add_holders, world).result()
    ann, bob = signed_in["ann"], signed_in["bob"]
    path = f"/v1/recordals/{lodge(world, 'FOUR-EYES', 'Foureyex')}"
    last_day = (datetime.now(UTC).date() + timedelta(days=300)).isoformat()

    for rest in ("decision", "extension-decision"):
        if rest != "decision":
            assert call(world, "holder", f"{path}/extension", {"last_day": last_day}).status_code == 200
        before = ann.get(path).json()
        waiting = ann.post(f"{path}/{rest}", json={"decision": "granted"})
        assert waiting.status_code == 202, waiting.text
        assert ann.get(path).json() == before, "nothing is done yet"
        assert told(approve(ann, waiting.json()))[0] == 403, "nobody approves what he has proposed"
        assert approve(bob, waiting.json()).json()["state"] == "approved"

    found = ann.get(path).json()
    assert (found["state"], found["extension_answer"]) == ("granted", "granted")
    assert found["valid_to"] == found["extension_to"]


def test_a_list_that_shrinks_is_kept_back_until_a_second_person_accepts_it(
    signed_in: dict[str, httpx2.Client],
) -> None:
    ann, bob = signed_in["ann"], signed_in["bob"]

    def listing(entries_count: int) -> dict[str, Any]:
        rows_of_list = [b"%d,Invented Shrinking %d,person\n" % (n, n) for n in range(entries_count)]
        content = b"entry_id,name,kind_code\n" + b"".join(rows_of_list)
        answer = ann.post("/v1/lists/denied-parties?name=shrinks.csv", content=content, headers=CSV)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def alarms() -> set[str]:
        return {one["code"] for one in ann.get("/readyz").json()["alarms"]}

    def size() -> int:
        found = ann.get("/v1/lists").json()["lists"]
        return next(int(one["size_bytes"]) for one in found if one["name"] == "shrinks.csv")

    approve(bob, listing(40))
    full = size()
    approve(bob, listing(39))
    assert size() < full
    assert "list-kept-back" not in alarms(), "a list that is a little shorter is as any other"
    before = size()

    kept_back = listing(19)
    assert kept_back["detail"] == "kept back: 19 entries; the list in force has 39"
    assert "list-kept-back" in alarms()
    assert size() == before, "the list in force stays"

    assert approve(bob, kept_back).status_code == 200
    assert "list-kept-back" not in alarms()
    assert size() < before


def test_nobody_approves_an_own_proposal_by_any_account_or_key(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    proposal = propose_list(signed_in["ann"], "own.csv")

    by_itself = approve(signed_in["ann"], proposal)
    by_second_account = approve(signed_in["ann-2"], proposal)
    with world.client("officer") as key:
        by_key = approve(key, proposal)
        proposed_by_key = key.post(
            "/v1/lists/denied-parties", params={"name": "key.csv"}, content=LISTED, headers=CSV
        )
    by_another_role = approve(signed_in["cy"], proposal)

    assert told(by_itself) == told(by_second_account) == (403, "own-proposal")
    assert told(by_key) == told(proposed_by_key) == (403, "person-needed")
    assert told(by_another_role) == (403, "role-not-allowed")
    assert not {"own.csv", "key.csv"} & set(lists_of(signed_in["ann"]))
    taken_back = signed_in["ann"].post(
        f"/v1/proposals/{proposal['proposal']}/rejection", json={"reason": "not mine to say"}
    )
    assert taken_back.json()["state"] == "rejected"
    assert told(approve(signed_in["bob"], proposal)) == (409, "proposal-decided")


def test_what_was_changed_since_it_was_read_is_not_done(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    proposal, other = (propose_list(signed_in["ann"], name) for name in ("read.csv", "swapped.csv"))

    unread = approve(signed_in["bob"], proposal, content_sha256="0" * 64)
    with psycopg.connect(world.dsn) as connection:
        # Whoever has the database puts one in the place of the other, and says who proposed it.
        connection.execute(
            """UPDATE proposal SET content = other.content, content_hash = other.content_hash, person = 'cy'
            FROM proposal AS other
            WHERE proposal.subject LIKE '%read.csv' AND other.subject LIKE '%swapped.csv'"""
        )
    swapped = approve(signed_in["bob"], other | {"proposal": proposal["proposal"]})

    assert told(unread) == (409, "proposal-changed")
    assert swapped.status_code == 500
    assert not {"read.csv", "swapped.csv"} & set(lists_of(signed_in["ann"]))


def test_who_may_do_it_no_more_has_it_done_by_nobody(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    proposal = propose_list(signed_in["dee"], "dee.csv")
    with psycopg.connect(world.dsn) as connection:
        connection.execute("UPDATE account SET roles = '{analyst}' WHERE sign_in_name = 'dee'")

    assert told(approve(signed_in["bob"], proposal)) == (409, "proposer-not-entitled")
    assert "dee.csv" not in lists_of(signed_in["ann"])


def test_two_who_approve_at_once_do_it_once(world: World, signed_in: dict[str, httpx2.Client]) -> None:
    proposal = propose_list(signed_in["ann"], "once.csv")

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: approve(signed_in["bob"], proposal), range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    done = rows(world.dsn, "SELECT count(*) FROM administering_act WHERE subject = 'denied-parties once.csv'")
    assert done == [(1,)]


def test_what_nobody_decided_in_time_is_not_done(world: World, signed_in: dict[str, httpx2.Client]) -> None:
    proposal = propose_list(signed_in["ann"], "late.csv")
    late, ids = datetime.now(UTC) + timedelta(days=8), count(900_000)

    async def expire() -> int:
        async with await AsyncConnection.connect(world.dsn) as connection:
            return await proposals.expire(connection, ActingUser(1, "node", late, lambda: next(ids)))

    with ThreadPoolExecutor(1) as thread:
        expired_count = thread.submit(lambda: asyncio.run(expire())).result()

    assert expired_count >= 1
    assert told(approve(signed_in["bob"], proposal)) == (409, "proposal-decided")


@pytest.mark.in_turn
def test_a_key_opens_nothing_before_it_is_approved(world: World, signed_in: dict[str, httpx2.Client]) -> None:
    party = signed_in["ann"].post(
        "/v1/parties", json={"reference": "TRADE", "name": "Invented Express", "roles": ["declarant"]}
    )
    path = f"/v1/parties/{party.json()['party']}/keys"
    wanted = {"reference": "first", "scopes": ["lodging", "reading"], "person": "Ann"}
    waiting = signed_in["ann"].post(path, json=wanted)
    headers = {"authorization": f"Bearer {waiting.json()['text']}"}
    with httpx2.Client(base_url=world.address, headers=headers) as declarant:
        before = declarant.get("/v1/declarations")
        shown = signed_in["bob"].get(f"/v1/proposals/{waiting.json()['proposal']['proposal']}").json()
        approved = approve(signed_in["bob"], waiting.json()["proposal"])
        # A key that was unknown is asked for again a second later.
        end = time.monotonic() + 30
        while (after := declarant.get("/v1/declarations")).status_code == 401 and time.monotonic() < end:
            time.sleep(0.2)

    assert (party.status_code, waiting.status_code) == (201, 202), "a party in trade alone decides nothing"
    assert told(before) == (401, "key-unknown")
    assert "key_hash" not in shown["content"]
    assert approved.status_code == 200
    assert after.status_code == 200
    officer = signed_in["ann"].post("/v1/parties", json={"reference": "P", "name": "X", "roles": ["legal"]})
    assert officer.status_code == 202


def test_a_party_or_role_that_could_not_be_given_is_refused_at_once(
    signed_in: dict[str, httpx2.Client],
) -> None:
    ann, bob = signed_in["ann"], signed_in["bob"]
    office = {"reference": "OFFICE", "name": "Invented Office", "roles": ["officer"]}

    unknown = ann.post("/v1/parties", json=office | {"roles": ["officer", "tyrant"]})
    nobody = ann.put(f"/v1/parties/{format_id(77)}/roles/officer")
    waiting = ann.post("/v1/parties", json=office)
    before = [one["reference"] for one in ann.get("/v1/parties").json()["parties"]]
    approve(bob, waiting.json())
    again = ann.post("/v1/parties", json=office)
    other = ann.post("/v1/parties", json=office | {"name": "Another Office"})

    assert told(unknown) == (400, "role-unknown")
    assert told(nobody) == (404, "party-unknown")
    assert waiting.status_code == 202
    assert "OFFICE" not in before, "what was tried is undone"
    assert (again.status_code, again.json()["roles"]) == (200, ["officer"])
    assert told(other) == (409, "reference-reused")


def test_an_officers_mark_waits_and_its_case_with_it(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    with world.client("post") as carrier:
        case = file(carrier, parcel("MARK-1"))[0]["case_id"]
    mark = {"reference": "M-1", "kind": "paid", "currency_code": "EUR", "amount": "1.00"}
    waiting = signed_in["cy"].post(f"/v1/cases/{case}/payment-records", json=mark)
    acts = signed_in["cy"].get(f"/v1/cases/{case}/acts").json()["acts"]

    approved = approve(signed_in["bob"], waiting.json())

    assert (waiting.status_code, acts) == (202, [])
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert [one["kind"] for one in signed_in["cy"].get(f"/v1/cases/{case}/acts").json()["acts"]] == ["paid"]


def test_a_bank_statement_of_a_person_waits_and_that_of_the_banks_own_line_does_not(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    path, xml = "/v1/bank-statements", {"content-type": "application/xml"}
    with world.client("post") as carrier, world.client("officer") as line:
        case_id = declare(carrier, "STATEMENT-1")
        reference = read_reference(
            carrier.get(f"/v1/cases/{case_id}/charges").json()["payment_advice"]["creditor_reference"]
        )
        assert reference is not None
        waiting = signed_in["cy"].post(path, content=statement_of(1, reference, "A-1"), headers=xml)
        before = signed_in["cy"].get(f"/v1/cases/{case_id}/acts").json()["acts"]
        own = approve(signed_in["cy"], waiting.json())

        approved = approve(signed_in["bob"], waiting.json())
        after = signed_in["cy"].get(f"/v1/cases/{case_id}/acts").json()["acts"]
        by_line = line.post(path, content=statement_of(2, reference, "A-2"), headers=xml)

    assert (waiting.status_code, before, own.status_code) == (202, [], 403)
    assert "0.01 EUR" in waiting.json()["detail"]
    assert (approved.status_code, [one["kind"] for one in after]) == (200, ["payment-received"])
    assert (by_line.status_code, by_line.json()["statements"][0]["outcomes"]) == (200, {"paid": 1})


def test_the_page_lists_what_waits_and_takes_a_decision(signed_in: dict[str, httpx2.Client]) -> None:
    proposal = propose_list(signed_in["ann"], "page.csv")
    own, others = (
        signed_in[name].get("/proposals", headers={"accept": "text/html"}).text for name in ("ann", "bob")
    )
    form = {
        "form_token": signed_in["bob"].headers["x-form-token"],
        "content_sha256": proposal["content_sha256"],
    }

    done = signed_in["bob"].post(f"/proposals/{proposal['proposal']}/approval", data=form)

    address = f"/proposals/{proposal['proposal']}/approval"
    assert "denied-parties page.csv" in own
    assert address not in own
    assert address in others
    assert "<p>1 entry</p>" in own
    assert (done.status_code, done.headers["location"]) == (303, "/proposals")
    assert "page.csv" in lists_of(signed_in["ann"])


def test_a_form_that_names_no_hash_approves_nothing(signed_in: dict[str, httpx2.Client]) -> None:
    proposal = propose_list(signed_in["ann"], "no-hash.csv")
    token = signed_in["bob"].headers["x-form-token"]

    done = [
        signed_in["bob"].post(
            f"/proposals/{proposal['proposal']}/approval",
            data={"form_token": token, "content_sha256": content},
        )
        for content in ("", "z" * 64, "é" * 64, "0" * 64)
    ]

    assert [one.status_code for one in done] == [409] * 4
    assert "no-hash.csv" not in lists_of(signed_in["ann"])


def test_a_reason_on_the_page_may_hold_any_signs(signed_in: dict[str, httpx2.Client]) -> None:
    proposal = propose_list(signed_in["ann"], "reason.csv")
    form = {"form_token": signed_in["bob"].headers["x-form-token"], "reason": "not\x00 this\x1b\n one"}

    done = signed_in["bob"].post(f"/proposals/{proposal['proposal']}/rejection", data=form)

    assert done.status_code == 303, done.text
    decided = signed_in["ann"].get("/v1/proposals").json()["proposals"][0]
    assert (decided["state"], decided["reason"]) == ("rejected", "not this one")


def test_the_bar_leads_to_proposals_whom_they_are_for(
    signed_in: dict[str, httpx2.Client], world: World
) -> None:
    page = {"accept": "text/html"}
    of_officer = signed_in["bob"].get("/law", headers=page).text
    with world.client("") as stranger, world.client("post") as party:
        of_others = [client.get("/law", headers=page).text for client in (stranger, party)]

    assert '<a href="/proposals">Proposals</a>' in of_officer
    for shown in of_others:
        assert '<a href="/law"' in shown
        assert "/proposals" not in shown


@pytest.mark.in_turn
def test_a_seller_who_registers_waits_until_an_administrator_admits_it(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    email = "waits@shop.example"
    with Browser(base_url=world.address, timeout=60) as browser:
        browser.send_form("/register", name="Invented Waiting", country="FR", email=email)
        done = browser.send_form(wait_for_link(world, email), password=PASSWORD, again=PASSWORD)
        let_in(world, browser, email)
        waits = browser.get("/organisation", headers={"accept": "text/html"}).text
        refused = browser.get("/v1/declarations")
        proposal = signed_in["bob"].get("/v1/proposals").json()["proposals"][0]
        wrong = approve(signed_in["cy"], proposal)

        approved = approve(signed_in["bob"], proposal)

        admitted = browser.get("/organisation", headers={"accept": "text/html"}).text
        reads = browser.get("/v1/declarations")

    assert "An administrator looks at it now" in done.text
    assert "has yet to admit" in waits
    assert "Invite somebody" not in waits
    assert told(refused) == (403, "role-not-allowed")
    assert (proposal["kind"], proposal["action"]) == ("parties", "admit-party")
    assert "Invented Waiting, FR, seller" in proposal["detail"]
    assert told(wrong) == (403, "role-not-allowed")
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert "Registered here as: seller." in admitted
    assert reads.status_code == 200


def test_a_seller_whose_person_has_left_is_not_admitted(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    email = "leaves@shop.example"
    with Browser(base_url=world.address, timeout=60) as browser:
        browser.send_form("/register", name="Invented Leaving", country="FR", email=email)
        browser.send_form(wait_for_link(world, email), password=PASSWORD, again=PASSWORD)
    proposal = signed_in["bob"].get("/v1/proposals").json()["proposals"][0]
    ((account, party),) = rows(
        world.dsn, "SELECT account_id, party_id FROM account WHERE sign_in_name = %s", email
    )
    ended = signed_in["bob"].delete(f"/v1/parties/{format_id(party)}/people/{format_id(account)}")

    assert ended.status_code == 200
    assert told(approve(signed_in["bob"], proposal)) == (409, "proposer-not-entitled")


def test_an_office_is_written_once_it_is_approved(signed_in: dict[str, httpx2.Client]) -> None:
    office = {"name": "Air Office", "address": "Way 1", "hours": "always", "contact": "a@x.example"}

    def offices() -> list[str]:
        return [one["name"] for one in signed_in["ann"].get("/v1/offices").json()["offices"]]

    waiting = signed_in["ann"].put("/v1/offices/AIR", json=office)
    before = offices()
    approved = approve(signed_in["bob"], waiting.json())

    assert (waiting.status_code, approved.status_code) == (202, 200), approved.text
    assert (before, offices()) == ([], ["Air Office"])


def test_a_risk_rule_and_the_budget_wait_for_a_second_officer(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    officer, second = signed_in["cy"], signed_in["bob"]
    rule: dict[str, Any] = {
        "level": "item",
        "when": "gross_mass > heavy",
        "lane": "review",
        "sentence": "Heavy",
        "parameters": [{"name": "heavy", "kind": "mass", "value": "20 kg"}],
    }

    def in_force() -> list[str]:
        return [one["rule_id"] for one in officer.get("/v1/risk").json()["rules"]]

    proposed = officer.put("/v1/risk/rules/heavy-goods", json=rule)
    faulty = officer.put("/v1/risk/rules/heavy-goods", json=rule | {"when": "gros_mass > heavy"})
    budget = officer.put("/v1/risk/budget", json={"inspections_per_day_count": 7})

    assert (proposed.status_code, budget.status_code) == (202, 202), proposed.text
    assert told(faulty) == (422, "risk-rule-faulty")
    assert in_force() == []
    assert told(approve(officer, proposed.json())) == (403, "own-proposal")
    assert told(approve(signed_in["dee"], proposed.json())) == (403, "role-not-allowed")
    assert approve(second, proposed.json()).status_code == 200
    assert approve(second, budget.json()).status_code == 200
    assert in_force() == ["heavy-goods"]
    assert officer.get("/v1/risk").json()["budget"]["inspections_per_day_count"] == 7

    withdrawn = officer.delete("/v1/risk/rules/heavy-goods")
    assert withdrawn.status_code == 202
    assert in_force() == ["heavy-goods"]
    assert approve(second, withdrawn.json()).status_code == 200
    assert in_force() == []
    assert acts_on(world, withdrawn.json())[-1][0] == "proposal-approved"
