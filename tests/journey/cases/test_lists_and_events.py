"""Lists in pages that stand still while rows change; events in order, at least once, resumable."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from serai.foundation.ids import first_id_at
from serai.journey.cases import lists
from tests.feed import wait_until_shown
from tests.journey.cases.world import LISTED_NAME, World, file, parcel, rows

COUNT = 60


@pytest.fixture(scope="module")
def references(world: World) -> list[str]:
    names = [f"LIST-{number:03}" for number in range(COUNT)]
    changes: list[dict[str, Any]] = [
        # Every third is looked at by an officer: its sender bears a listed name.
        {"conveyance_reference": f"XX{number % 2}", "master_document": None}
        | ({"consignor": {**parcel("x")["consignor"], "name": LISTED_NAME}} if number % 3 == 0 else {})
        for number in range(COUNT)
    ]
    with world.client("post") as client:
        for begin in range(0, COUNT, 10):
            file(
                client,
                *(
                    parcel(name, **more)
                    for name, more in zip(names[begin : begin + 10], changes[begin:], strict=False)
                ),
            )
    with world.client("rival") as client:
        file(
            client,
            *(parcel(f"RIVAL-{number}", platform_id="NOBODY", seller_id="NOBODY") for number in range(3)),
        )
    return names


def amendment(reference: str, *, freight: str) -> dict[str, Any]:
    """Another freight for a parcel with an odd number that no officer looks at; each is amended once."""
    changed = parcel(
        reference,
        amends_version=1,
        amendment_reason="freight",
        freight_amount=freight,
        conveyance_reference="XX1",
    )
    changed.pop("master_document")
    return changed


def page_through(world: World, party: str, *, limit: int = 7, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with world.client(party) as client:
        after = None
        for _ in range(500):
            answer = client.get(
                "/v1/declarations", params={**query, "limit": limit} | ({"after": after} if after else {})
            )
            assert answer.status_code == 200, answer.text
            found += answer.json()["consignments"]
            after = answer.json()["next_after"]
            if after is None:
                return found
    raise AssertionError("no end")


@pytest.mark.parametrize("party", ["post", "platform", "seller"])
def test_a_party_lists_its_own_and_those_that_name_it_once_each(
    world: World, references: list[str], party: str
) -> None:
    assert [one["reference"] for one in page_through(world, party)] == references


def test_the_administration_lists_everybodys(world: World, references: list[str]) -> None:
    found = [one["reference"] for one in page_through(world, "officer", limit=1000)]

    assert sorted(found) == sorted([*references, "RIVAL-0", "RIVAL-1", "RIVAL-2"])


def test_a_stranger_lists_nothing(world: World, references: list[str]) -> None:
    assert references
    assert page_through(world, "payer") == []


@pytest.mark.parametrize("party", ["post", "officer", "platform"])
@pytest.mark.parametrize(
    "query",
    [
        {"lane": "review"},
        {"status": "under-documentary-control"},
        {"lane": "proceed"},
        {"conveyance_reference": "XX1"},
    ],
)
def test_filters_choose(world: World, references: list[str], party: str, query: dict[str, Any]) -> None:
    every = page_through(world, party, limit=1000)
    found = page_through(world, party, **query)
    name, value = next(iter(query.items()))
    expected = (
        [one["reference"] for one in every if one[name] == value]
        if name != "conveyance_reference"
        else references[1::2]
    )

    assert [one["reference"] for one in found] == expected
    assert expected


@pytest.mark.in_turn
def test_short_windows_give_short_pages_and_lose_nothing(
    world: World, references: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "WINDOW", 4)  # the server runs in this process

    for party in ("post", "platform", "officer"):
        found = [one["reference"] for one in page_through(world, party, limit=3, lane="review")]
        assert found == references[::3]
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    changed = page_through(world, "platform", limit=3, changed_since=since)
    assert sorted(one["reference"] for one in changed) == references


def test_a_flight_with_many_parcels_of_others_is_none_to_a_stranger(
    world: World, references: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cursor for more would say that there is such a flight."""
    monkeypatch.setattr(lists, "WINDOW", 2)  # the server runs in this process

    with world.client("rival") as client:
        there, not_there = (
            client.get("/v1/declarations", params={"conveyance_reference": one}).json()
            for one in ("XX1", "XX9")
        )

    assert len(references[1::2]) > 2
    assert there == not_there
    assert there["next_after"] is None


def test_officers_list_by_why_a_person_is_asked(world: World, references: list[str]) -> None:
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        for number, kind in ((2, 2), (7, 1), (4, 2)):
            connection.execute(
                "INSERT INTO task"
                " (task_id, administration_id, consignment_id, party_id, opened_at, lands_at,"
                " consignee_country_code, kind, rules)"
                " SELECT %s, administration_id, consignment_id, party_id, now(), 'infinity',"
                " consignee_country_code, %s, '' FROM consignment"
                " WHERE reference = %s",
                [number, kind, references[number]],
            )

    asked = page_through(world, "officer", limit=1, task="request")
    with_lane = page_through(world, "officer", task="request", lane=asked[0]["lane"], status="released")

    assert [one["reference"] for one in asked] == [references[2], references[4]]
    assert with_lane == []
    assert [one["reference"] for one in page_through(world, "officer", task="two-carriers")] == [
        references[7]
    ]


def test_a_cursor_stands_still_while_rows_change(world: World, references: list[str]) -> None:
    with world.client("post") as client:
        first = client.get("/v1/declarations", params={"limit": 20}).json()
        assert file(client, amendment(references[5], freight="5.00"))[0]["status"] == "decided"
        rest = client.get("/v1/declarations", params={"limit": 1000, "after": first["next_after"]}).json()

    seen = [one["reference"] for one in (*first["consignments"], *rest["consignments"])]
    assert seen == references


def test_what_changed_since_holds_what_was_amended(world: World, references: list[str]) -> None:
    since = datetime.now(UTC)
    with world.client("post") as client:
        assert file(client, amendment(references[1], freight="6.00"))[0]["status"] == "decided"

    for party in ("post", "platform", "officer"):
        changed = page_through(world, party, changed_since=since.isoformat())
        assert [one["reference"] for one in changed] == [references[1]]
        assert changed[0]["version"] == 2


@pytest.mark.parametrize(
    "query",
    [
        {"after": "junk"},
        {"status": "lost"},
        {"lane": "fast"},
        {"task": "request"},
        {"changed_since": "2026-07-01T00:00:00"},
        {"limit": 0},
    ],
)
def test_what_cannot_be_read_is_told(world: World, query: dict[str, Any]) -> None:
    with world.client("post") as client:
        answer = client.get("/v1/declarations", params=query)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"query:{next(iter(query))}"


def test_a_cursor_of_another_list_is_refused(world: World, references: list[str]) -> None:
    assert references
    with world.client("post") as client:
        cursor = client.get("/v1/declarations", params={"limit": 1}).json()["next_after"]

        assert client.get("/v1/events", params={"after": cursor}).status_code == 400


# ---- events ----


def events(world: World, party: str, after: str | None = None, **query: Any) -> dict[str, Any]:
    with world.client(party) as client:
        answer = client.get("/v1/events", params={**query} | ({"after": after} if after else {}))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def follow(world: World, party: str, limit: int = 9) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = events(world, party, after, limit=limit)
        if not page["events"]:
            assert page["next_after"] == after or after is None
            return found
        found += page["events"]
        after = page["next_after"]


def test_events_come_in_order_once_each_in_pages_and_are_a_partys_own(
    world: World, references: list[str]
) -> None:
    found = follow(world, "post")
    expected = rows(world.dsn, "SELECT count(*) FROM event WHERE party_id = 10")[0][0]

    assert len(found) == len({one["event_id"] for one in found}) == expected >= len(references)
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    assert {one["kind"] for one in found} >= {"decided"}
    assert all(one["case_id"] and one["decision_id"] for one in found)
    assert len(follow(world, "rival")) == 3


def test_an_event_of_a_transaction_that_ends_late_is_not_passed_over(
    world: World, references: list[str]
) -> None:
    assert references
    # What a test before has sent may be shown a moment later.
    wait_until_shown(world.dsn)
    end = events(world, "rival", limit=1000)["next_after"]
    first = first_id_at(datetime.now(UTC) + timedelta(days=1))
    insert = (
        "INSERT INTO event_batch (last_event_id, administration_id, party_id, kind, at, event_ids, case_ids,"
        " decision_ids, counts) VALUES (%(id)s, 1, 11, 0, '2026-07-01Z', ARRAY[%(id)s], '{1}', '{1}', '{1}')"
    )
    with psycopg.connect(world.dsn) as late, psycopg.connect(world.dsn, autocommit=True) as early:
        late.execute(insert, {"id": first + 1})
        early.execute(insert, {"id": first + 2})
        held_back = events(world, "rival", end)
        late.commit()
        wait_until_shown(world.dsn)
        both = events(world, "rival", end)
        # Other tests of this file read the rival's events too.
        early.execute("DELETE FROM event_batch WHERE last_event_id > %s", [first])

    assert held_back["events"] == []
    assert held_back["next_after"] == end
    assert len(both["events"]) == 2


@pytest.mark.in_turn
def test_a_waiting_reader_is_told_soon(world: World, references: list[str]) -> None:
    assert references
    wait_until_shown(world.dsn)
    end = events(world, "seller", limit=1)["next_after"]
    began_s = time.monotonic()
    assert events(world, "seller", end, wait_s=0.5)["events"] == []
    assert time.monotonic() - began_s >= 0.5

    post_end = events(world, "post", limit=1000)["next_after"]

    def send() -> None:
        time.sleep(0.5)
        with world.client("post") as client:
            # No new parcel: other tests of this file list them all.
            file(client, amendment(references[7], freight="7.00"))

    sender = threading.Thread(target=send)
    sender.start()
    found = events(world, "post", post_end, wait_s=20)["events"]
    sender.join()

    assert [one["kind"] for one in found] == ["decided-again"]
