"""Goods detained for rights over HTTP: told, answered, released, destroyed; names; claims without ground."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.feed import wait_until_shown
from tests.journey.cases.world import World, file, rows, running_world
from tests.journey.recordals.holders import add_holders, call, grant, lodge, picture, shoe

BUYER, SENDER = "Zelda Nightingale-Quux", "Invented Sender Ltd"


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        add_holders(running)
        yield running


def in_force(world: World, reference: str, mark: str) -> str:
    recordal_id = lodge(world, reference, mark)
    grant(world, recordal_id)
    return recordal_id


def detain(world: World, name: str, recordal_id: str | None, **changes: Any) -> dict[str, Any]:
    with world.client("post") as client:
        (line,) = file(client, shoe(name, "Plainzy"))
    body = {
        "reference": f"DET-{name}",
        "recordal_id": recordal_id,
        "expected_decision_id": line["decision"]["decision_id"],
        "reason": "The label differs.",
    } | changes
    path = f"/v1/cases/{line['case_id']}/rights-detentions"
    first, again = (call(world, "officer", path, body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json()["detention_id"] == again.json()["detention_id"]
    found: dict[str, Any] = first.json()
    return found


def wait(world: World, party: str, detention_id: str, **wanted: Any) -> dict[str, Any]:
    end = time.monotonic() + 40
    while True:
        answer = call(world, party, f"/v1/rights-detentions/{detention_id}")
        found: dict[str, Any] = answer.json()
        if answer.status_code == 200 and all(found.get(name) == one for name, one in wanted.items()):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.3)


def let_time_pass(world: World) -> None:
    """Move the clocks of all detentions back, as if their days had passed."""
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE rights_detention SET holder_due_at = holder_due_at - %s, "
            "declarant_due_at = declarant_due_at - %s",
            (timedelta(days=60), timedelta(days=60)),
        )


def status(world: World, name: str) -> str:
    return str(call(world, "post", f"/v1/declarations/{name}").json()["decision"]["status"])


def told(world: World, party: str, detention_id: str) -> dict[str, Any]:
    return wait(world, party, detention_id, state="waiting")


@pytest.mark.in_turn
def test_a_silent_holder_loses_the_goods_and_abuse_lowers_its_priority_until_a_dispute_is_upheld(
    world: World,
) -> None:
    recordal_id = in_force(world, "SILENT", "Silentix")
    begun = detain(world, "S-1", recordal_id)
    assert status(world, "S-1") == "suspended"
    assert (begun["procedure"], begun["state"]) == ("standard", "waiting")
    for number in (2, 3):
        detain(world, f"S-{number}", recordal_id)
    found = call(world, "officer", "/v1/rights-detentions").json()["detentions"]
    ids = [one["detention_id"] for one in found if one.get("recordal_id") == recordal_id]
    seen = [told(world, "holder", one) for one in ids]
    for one in seen:
        assert one.keys().isdisjoint({"case_id", "consignment_id", "act_id"})
        assert one["begun_at"] < one["holder_told_at"] < one["holder_due_at"], "the declarant first"
        assert set(one["goods"][0]) == {
            "sequence_number", "commodity_code", "quantity", "quantity_unit_code", "origin_country_code",
        }  # fmt: skip
    wait_until_shown(world.dsn)
    events = call(world, "holder", "/v1/events").json()["events"]
    assert "rights-detention" in {one["kind"] for one in events}

    let_time_pass(world)
    for one in ids:
        ended = wait(world, "holder", one, state="ended")
        assert (ended["outcome"], ended["is_baseless"]) == ("holder-silent", True)
    assert status(world, "S-1") != "suspended"
    late = call(
        world, "holder", f"/v1/rights-detentions/{ids[0]}/holder-answer", {"answer": "infringes-destroy"}
    )
    assert late.json()["code"] == "rights-detention-ended"
    priority = call(world, "holder", f"/v1/recordals/{recordal_id}/priority").json()
    assert (priority["is_low"], priority["ended_count"], priority["baseless_count"]) == (True, 3, 3)
    assert call(world, "holder", f"/v1/recordals/{recordal_id}").json()["is_low"]

    for one in ids[:2]:
        path = f"/v1/rights-detentions/{one}"
        early = call(world, "officer", f"{path}/dispute-decision", {"decision": "upheld"})
        assert early.json()["code"] == "rights-not-disputed"
        assert call(world, "holder", f"{path}/dispute", {"reason_code": "answer-sent"}).status_code == 200
        decided = call(world, "officer", f"{path}/dispute-decision", {"decision": "upheld"}).json()
        assert (decided["dispute_answer"], decided["is_baseless"]) == ("upheld", False)
    priority = call(world, "holder", f"/v1/recordals/{recordal_id}/priority").json()
    assert (priority["is_low"], priority["baseless_count"]) == (False, 1)
    assert not call(world, "holder", f"/v1/recordals/{recordal_id}").json().get("is_low", False)


@pytest.mark.in_turn
def test_goods_are_destroyed_with_the_consent_of_both_and_names_are_bound_to_a_use(world: World) -> None:
    recordal_id = in_force(world, "DESTROY", "Destrovex")
    begun = detain(world, "D-1", recordal_id)
    one = begun["detention_id"]
    path = f"/v1/rights-detentions/{one}"
    told(world, "holder", one)
    names = {"use": "begin-proceedings"}
    assert call(world, "holder", f"{path}/disclosure", names).json()["code"] == "rights-names-withheld"

    answer = {"answer": "infringes-destroy"}
    texts = [call(world, "holder", f"{path}/holder-answer", answer).text for _ in range(2)]
    assert '"state":"waiting"' in texts[0]
    assert texts[0] == texts[1]
    other = call(world, "holder", f"{path}/holder-answer", {"answer": "does-not-infringe"})
    assert other.json()["code"] == "rights-answered"
    wrong = call(world, "holder", f"{path}/disclosure", {"use": "seek-compensation"})
    assert wrong.json()["code"] == "rights-use-not-lawful", "this law does not know it"
    given = call(world, "holder", f"{path}/disclosure", names)
    assert {person["name"] for person in given.json()["people"]} == {BUYER, SENDER}
    assert rows(world.dsn, "SELECT use_code, party_id FROM rights_disclosure") == [("begin-proceedings", 40)]
    assert rows(world.dsn, "SELECT count(*) FROM vault_read WHERE purpose = 'rights-disclosure'") != [(0,)]

    for party in ("rival", "platform", "seller"):
        refused = call(world, party, f"{path}/declarant-answer", {"answer": "agrees"})
        assert refused.status_code in (403, 404), (party, refused.text)
    agreed = call(world, "post", f"{path}/declarant-answer", {"answer": "agrees"}).json()
    assert (agreed["state"], agreed["declarant_answer"]) == ("to-destroy", "agrees")
    acts = call(world, "officer", f"/v1/cases/{begun['case_id']}/acts").json()["acts"]
    assert [act["kind"] for act in acts][-3:] == ["suspension", "rights-answered", "rights-answered"]

    decision_id = call(world, "post", "/v1/declarations/D-1").json()["decision"]["decision_id"]
    waits = call(
        world, "officer", f"/v1/cases/{begun['case_id']}/acts",
        {
            "reference": "DESTROY-D-1", "kind": "destruction", "reason_code": "intellectual-property",
            "reason": "Holder and declarant agree.", "expected_decision_id": decision_id,
            "exception_code": "consent-given",
        },
    )  # fmt: skip
    assert waits.json()["code"] == "person-needed", "two persons destroy, as no key alone does"
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("UPDATE rights_detention SET ended_at = begun_at WHERE ended_at IS NULL")


@pytest.mark.in_turn
def test_a_holder_that_says_why_gets_more_time_once(world: World) -> None:
    recordal_id = in_force(world, "LONGER", "Longerix")
    begun = detain(world, "T-1", recordal_id)
    path = f"/v1/rights-detentions/{begun['detention_id']}"
    due = datetime.fromisoformat(told(world, "holder", begun["detention_id"])["holder_due_at"])
    asked = {"days": 10, "reason_code": "opinion-of-an-expert"}
    silent = call(world, "holder", f"{path}/extension", asked)
    assert silent.json()["code"] == "rights-not-extendable", "first it says that the goods infringe its right"
    early = call(world, "officer", f"{path}/extension-decision", {"decision": "granted"})
    assert early.json()["code"] == "rights-extension-not-asked"
    call(world, "holder", f"{path}/holder-answer", {"answer": "infringes-destroy"})

    assert call(world, "holder", f"{path}/extension", asked | {"days": 11}).status_code == 409
    for wrong in ({"days": 0}, {"days": 91}, {"reason_code": "x" * 50_000}, {"reason_code": ""}):
        assert call(world, "holder", f"{path}/extension", asked | wrong).status_code in (400, 422), wrong
    for party in ("other-holder", "rival", "post", "officer"):
        assert call(world, party, f"{path}/extension", asked).status_code in (403, 404), party
    twice = [call(world, "holder", f"{path}/extension", asked).text for _ in range(2)]
    assert twice[0] == twice[1]
    assert datetime.fromisoformat(call(world, "holder", path).json()["holder_due_at"]) == due, "not decided"
    other = call(world, "holder", f"{path}/extension", asked | {"days": 3})
    assert other.json()["code"] == "rights-extension-asked"
    for party in ("holder", "rival", "post"):
        refused = call(world, party, f"{path}/extension-decision", {"decision": "granted"})
        assert refused.status_code in (403, 404), party

    with ThreadPoolExecutor(2) as at_once:
        answers = at_once.map(
            lambda _: call(world, "officer", f"{path}/extension-decision", {"decision": "granted"}), range(2)
        )
        decided = [one.json() for one in answers]
    assert decided[0] == decided[1]
    assert decided[0]["extension_answer"] == "granted"
    later = datetime.fromisoformat(decided[0]["holder_due_at"]) - due
    assert timedelta(days=14) <= later <= timedelta(days=20), "ten working days, and days of rest"
    changed = call(world, "officer", f"{path}/extension-decision", {"decision": "refused"})
    assert changed.json()["code"] == "rights-answered"
    wait_until_shown(world.dsn)
    for party in ("holder", "post"):
        events = call(world, party, "/v1/events?limit=1000").json()["events"]
        assert [one["kind"] for one in events].count("rights-period-extended") == 1, party
    acts = call(world, "officer", f"/v1/cases/{begun['case_id']}/acts").json()["acts"]
    assert [act["kind"] for act in acts][-3:] == ["rights-answered"] * 3
    opposed = call(world, "post", f"{path}/declarant-answer", {"answer": "opposes"}).json()
    assert (opposed["state"], opposed["holder_due_at"]) == ("waiting", decided[0]["holder_due_at"])

    let_time_pass(world)
    ended = wait(world, "holder", begun["detention_id"], state="ended")
    assert ended["outcome"] == "no-proceedings"
    late = call(world, "holder", f"{path}/extension", asked | {"days": 4})
    assert late.json()["code"] == "rights-extension-asked"


@pytest.mark.in_turn
def test_goods_that_do_not_keep_wait_no_longer_and_who_asks_late_gets_nothing(world: World) -> None:
    recordal_id = in_force(world, "KEEPS", "Keepsix")
    asked = {"days": 2, "reason_code": "opinion-of-an-expert"}
    ids = [
        detain(world, f"K-{number}", recordal_id, is_perishable=not number)["detention_id"]
        for number in range(2)
    ]
    for one in ids:
        told(world, "holder", one)
        call(world, "holder", f"/v1/rights-detentions/{one}/holder-answer", {"answer": "infringes-destroy"})
    fresh, kept = (f"/v1/rights-detentions/{one}" for one in ids)
    assert call(world, "holder", f"{fresh}/extension", asked).json()["code"] == "rights-not-extendable"
    assert call(world, "holder", f"{kept}/extension", asked).status_code == 200
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE rights_detention SET holder_due_at = now() - interval '1 hour' WHERE ended_at IS NULL"
        )
    late = call(world, "officer", f"{kept}/extension-decision", {"decision": "granted"})
    assert late.json()["code"] == "rights-detention-ended", "a request that nobody decided changes nothing"
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("UPDATE rights_detention SET ended_at = begun_at WHERE ended_at IS NULL")


@pytest.mark.in_turn
def test_nobody_else_learns_of_a_detention(world: World) -> None:
    recordal_id = in_force(world, "SECRET", "Secretox")
    begun = detain(world, "X-1", recordal_id)
    path = f"/v1/rights-detentions/{begun['detention_id']}"
    told(world, "holder", begun["detention_id"])

    for party in ("other-holder", "rival"):
        assert call(world, party, path).status_code == 404, party
    for rest, body in (
        ("holder-answer", {"answer": "does-not-infringe"}),
        ("disclosure", {"use": "begin-proceedings"}),
        ("dispute", {"reason_code": "mine"}),
    ):
        assert call(world, "other-holder", f"{path}/{rest}", body).status_code == 404, rest
        assert call(world, "rival", f"{path}/{rest}", body).status_code == 403, rest
    assert call(world, "other-holder", "/v1/rights-detentions").json()["detentions"] == []
    assert call(world, "holder", f"/v1/cases/{begun['case_id']}").status_code == 404
    for party in ("holder", "rival"):
        answer = call(world, party, f"/v1/cases/{begun['case_id']}/rights-detentions", {"reference": "X"})
        assert answer.status_code in (400, 403), (party, answer.text)
    assert call(world, "post", path).json()["case_id"] == begun["case_id"], "the declarant sees its own"


@pytest.mark.in_turn
def test_another_holder_locks_nothing_and_waits_for_nothing(world: World) -> None:
    recordal_id = in_force(world, "LOCKED", "Lockedox")
    begun = detain(world, "L-1", recordal_id)
    detention, recordal = f"/v1/rights-detentions/{begun['detention_id']}", f"/v1/recordals/{recordal_id}"
    last_day = (datetime.now(UTC).date() + timedelta(days=300)).isoformat()
    with psycopg.connect(world.dsn) as connection:
        connection.execute("SELECT FROM rights_detention FOR UPDATE")
        connection.execute("SELECT FROM recordal FOR UPDATE")

        for path, body in (
            (f"{detention}/holder-answer", {"answer": "does-not-infringe"}),
            (f"{detention}/extension", {"days": 10, "reason_code": "opinion-of-an-expert"}),
            (f"{recordal}/extension", {"last_day": last_day}),
            (f"{recordal}/pictures", {"content": picture()}),
            (f"{recordal}/end", {}),
        ):
            answer = call(world, "other-holder", path, body)
            assert answer.status_code == 404, (path, "not after a wait, which would tell that it is there")


@pytest.mark.in_turn
def test_without_a_recordal_goods_wait_for_one_and_are_released(world: World) -> None:
    begun = detain(world, "O-1", None)
    assert begun["procedure"] == "own-initiative"
    decision_id = call(world, "post", "/v1/declarations/O-1").json()["decision"]["decision_id"]
    body = {"reference": "ANOTHER", "kind": "detention", "expected_decision_id": decision_id}
    again = call(world, "officer", f"/v1/cases/{begun['case_id']}/rights-detentions", body)
    assert again.json()["code"] == "rights-detention-open", again.text

    let_time_pass(world)
    ended = wait(world, "officer", begun["detention_id"], state="ended")
    assert (ended["outcome"], ended["is_baseless"]) == ("no-recordal", False)
    assert status(world, "O-1") != "suspended"
