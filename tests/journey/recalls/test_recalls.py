"""Recalls over HTTP: counted first, then tasks; never a decision; for officers and agencies alone."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import AsyncConnection

from serai.foundation.access import parties
from serai.journey.recall_rules.rules import RecallRule, check_rule, find_consignments
from serai.journey.recalls import following
from serai.journey.recalls import service as recalls
from serai.journey.scans.store import QUERIES
from serai.model.documents import Consignment
from tests.costs import costs_at_most
from tests.journey.cases.world import AT, SCOPES, World, file, parcel, rows, running_world

TOYS = "95030041"
GTIN = "4006381333931"


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with pytest.MonkeyPatch.context() as patch:
        # What was lodged a moment ago is looked at; the margin itself has a test of its own.
        patch.setattr(following, "SETTLED", timedelta(0))
        with running_world(world_database, folder) as running:
            running.keys["agency"] = asyncio.run(_agency(world_database))
            yield running


async def _agency(dsn: str) -> str:
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        own: dict[str, Any] = {"party_id": 30, "administration_id": 1}
        await parties.create_party(connection, name="Product Safety", at=AT, **own)
        await parties.add_role(connection, role="agency", at=AT, **own)
        key = await parties.add_key(connection, key_id=1030, scopes=SCOPES, at=AT, expires_at=None, **own)
        return key.text


def toy(reference: str, **changes: Any) -> dict[str, Any]:
    declared = parcel(reference)
    declared["goods_items"][0] |= {
        "commodity_code": TOYS,
        "description": "Magnetic building set, plastic",
        "standard_product_id": GTIN,
    } | changes
    return declared


def declare(world: World, party: str, reference: str, rule: dict[str, Any]) -> Any:
    body = {"reference": reference, "reason_code": "small-magnets", "rule": rule}
    with world.client(party) as client:
        return client.post("/v1/recalls", json=body | {"law_reference": "Regulation (EU) 2023/988, art. 25"})


def get(world: World, party: str, path: str, **query: Any) -> Any:
    with world.client(party) as client:
        answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def wait(world: World, recall_id: str, **wanted: Any) -> dict[str, Any]:
    end = time.monotonic() + 60
    while True:
        found: dict[str, Any] = get(world, "officer", f"/v1/recalls/{recall_id}")
        if all(found.get(name) == value for name, value in wanted.items()):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.2)


def confirm(world: World, party: str, recall_id: str, count: int) -> Any:
    with world.client(party) as client:
        return client.post(f"/v1/recalls/{recall_id}/confirmation", json={"expected_count": count})


@pytest.mark.in_turn
def test_a_recall_is_counted_then_confirmed_and_its_hits_are_tasks_that_an_officer_settles(
    world: World,
) -> None:
    with world.client("post") as client:
        hit, other = file(client, toy("TOY-1", commodity_code="95030035"), parcel("SHIRT-1"))
    before = get(world, "post", "/v1/declarations/TOY-1")["decision"]

    told = declare(world, "agency", "R-1", {"hs_prefixes": ["95030035"], "words": ["building SET"]})
    assert told.status_code == 201, told.text
    recall_id = told.json()["recall_id"]
    counted = wait(world, recall_id, state="counted")
    assert (counted["hit_count"], counted["in_flight_count"] >= 2) == (1, True)
    assert get(world, "officer", f"/v1/recalls/{recall_id}/hits")["hits"] == [], "counting makes no task"
    assert confirm(world, "agency", recall_id, 2).json()["code"] == "recall-count-differs"
    assert confirm(world, "agency", recall_id, 1).json()["state"] == "looking"
    wait(world, recall_id, found_count=1)
    (found,) = get(world, "agency", f"/v1/recalls/{recall_id}/hits")["hits"]
    assert (found["reference"], found["case_id"]) == ("TOY-1", hit["case_id"])
    listed = get(world, "officer", "/v1/declarations", task="recall")["consignments"]
    assert "TOY-1" in {one["reference"] for one in listed}

    with world.client("post") as client:
        file(client, toy("TOY-LATER", commodity_code="95030035"))
    wait(world, recall_id, found_count=2)
    assert get(world, "post", "/v1/declarations/TOY-1")["decision"] == before, "nothing is decided by it"

    address = f"/v1/recalls/{recall_id}/hits/{found['consignment_id']}/closure"
    with world.client("officer") as client:
        first, again = (client.post(address, json={"reason": "Not this batch."}) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    acts = get(world, "officer", f"/v1/cases/{found['case_id']}/acts")["acts"]
    assert [(one["kind"], one["reason_code"], one["law_reference"]) for one in acts] == [
        ("recall-hit-closed", "small-magnets", "Regulation (EU) 2023/988, art. 25")
    ]
    assert other["status"] == "decided"

    with world.client("agency") as client:
        assert client.post(f"/v1/recalls/{recall_id}/end").json()["state"] == "ended"


@pytest.mark.in_turn
def test_the_ledger_tells_of_declarations_read_one_line_a_batch(world: World) -> None:
    with world.client("post") as client:
        file(client, *(toy(f"LEDGER-{number}", commodity_code="95030049") for number in range(20)))
    statement = "SELECT count(*) FROM vault_read WHERE purpose = 'recall-scan'"
    while any(one["state"] == "counting" for one in get(world, "officer", "/v1/recalls")["recalls"]):
        time.sleep(0.2)  # those of other tests read, too
    ((lines,),) = rows(world.dsn, statement)

    by_code = declare(world, "officer", "R-CODE", {"hs_prefixes": ["95030049"]}).json()["recall_id"]
    wait(world, by_code, hit_count=20)
    assert rows(world.dsn, statement)[0][0] == lines, "codes are recorded: nothing sealed is opened"

    by_word = declare(world, "officer", "R-WORD", {"hs_prefixes": ["95030049"], "words": ["magnetic"]})
    wait(world, by_word.json()["recall_id"], hit_count=20)
    of_recalls = "FROM vault_read WHERE purpose = 'recall-scan'"
    newest = f"SELECT cardinality(subject_ids) {of_recalls} ORDER BY read_id DESC LIMIT 1"
    assert rows(world.dsn, statement)[0][0] == lines + 1
    assert rows(world.dsn, newest) == [(20,)]


@pytest.mark.parametrize("party", ["post", "platform", "seller", "rival", "analyst"])
def test_a_party_and_who_is_no_officer_neither_declares_nor_reads_recalls(world: World, party: str) -> None:
    recall_id = declare(world, "officer", f"R-FOR-{party}", {"gtins": [GTIN]}).json()["recall_id"]
    root = f"/v1/recalls/{recall_id}"
    with world.client(party) as client:
        answers = [
            client.get("/v1/recalls"),
            client.get(root),
            client.get(f"{root}/hits"),
            client.post(f"{root}/confirmation", json={"expected_count": 0}),
            client.post(f"{root}/end"),
            declare(world, party, "R-OWN", {"gtins": [GTIN]}),
        ]

    assert [one.status_code for one in answers] == [403] * len(answers)


def test_an_agency_reads_its_own_recalls_alone(world: World) -> None:
    recall_id = declare(world, "officer", "R-OFFICERS", {"gtins": [GTIN]}).json()["recall_id"]
    with world.client("agency") as client:
        assert client.get(f"/v1/recalls/{recall_id}").status_code == 404
        assert client.post(f"/v1/recalls/{recall_id}/end").status_code == 404
        mine = client.get("/v1/recalls").json()["recalls"]

    assert recall_id not in {one["recall_id"] for one in mine}


def test_a_key_of_another_administration_sees_and_does_nothing(world: World) -> None:
    async def stranger() -> str:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            await connection.execute(
                "INSERT INTO administration VALUES (2, 'ELSE', 'Elsewhere', 'UTC', true, %s)", [AT]
            )
            own: dict[str, Any] = {"party_id": 40, "administration_id": 2}
            await parties.create_party(connection, name="Officers elsewhere", at=AT, **own)
            await parties.add_role(connection, role="officer", at=AT, **own)
            key = await parties.add_key(connection, key_id=1040, scopes=SCOPES, at=AT, expires_at=None, **own)
            return key.text

    world.keys["elsewhere"] = asyncio.run(stranger())
    recall_id = declare(world, "officer", "R-HERE", {"gtins": [GTIN]}).json()["recall_id"]
    with world.client("elsewhere") as client:
        answers = [client.get("/v1/recalls"), client.get(f"/v1/recalls/{recall_id}")]
    answers.append(declare(world, "elsewhere", "R-ELSE", {"gtins": [GTIN]}))

    assert all(one.status_code in (401, 403) for one in answers), [one.text for one in answers]
    assert rows(world.dsn, "SELECT count(*) FROM recall WHERE administration_id = 2") == [(0,)]


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"origin_country_codes": ["CN"]},
        {"hs_prefixes": [""]},
        {"hs_prefixes": ["95"]},
        {"hs_prefixes": ["9503.*"]},
        {"words": ["..."]},
        {"words": ["   "]},
        {"words": ["of"]},
        {"gtins": ["%"]},
        {"everything": True},
    ],
)
def test_a_rule_that_would_match_everything_is_refused(world: World, rule: dict[str, Any]) -> None:
    answer = declare(world, "officer", f"R-WIDE-{json.dumps(rule)}"[:70], rule)

    assert answer.status_code in (400, 422), answer.text


def test_a_rule_of_fifty_kilobytes_is_refused_and_a_long_one_is_done_in_linear_time(world: World) -> None:
    with costs_at_most(cpu_s=5):
        large = declare(world, "officer", "R-LARGE", {"words": ["a" * 63 + str(one) for one in range(800)]})
        assert large.status_code in (400, 422), large.text
        described = "magnet " * 73
        document = msgspec.convert(toy("LONG", description=described), Consignment)
        rule = RecallRule(words=[f"{'magnet ' * 8}{number:03}" for number in range(100)])
        check_rule(rule)

        assert not find_consignments(rule, dict.fromkeys(range(2_000), document))


@pytest.mark.in_turn
def test_more_than_one_recall_may_find_is_not_confirmed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalls, "HITS_MAX", 1)
    with world.client("post") as client:
        file(client, *(toy(f"MANY-{number}", commodity_code="95030075") for number in range(3)))
    recall_id = declare(world, "officer", "R-MANY", {"hs_prefixes": ["95030075"]}).json()["recall_id"]
    counted = wait(world, recall_id, state="counted", hit_count=3)

    assert counted["is_too_wide"]
    assert confirm(world, "officer", recall_id, 3).json()["code"] == "recall-too-wide"
    assert get(world, "officer", f"/v1/recalls/{recall_id}/hits")["hits"] == []


def test_the_same_reference_with_another_rule_is_refused_and_the_same_is_harmless(world: World) -> None:
    first, again = (declare(world, "officer", "R-TWICE", {"gtins": [GTIN]}) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["recall_id"] == again.json()["recall_id"]
    assert declare(world, "officer", "R-TWICE", {"hs_prefixes": ["9503"]}).status_code == 409


@pytest.mark.parametrize(
    ("rule", "is_found"),
    [
        ({"gtins": ["04006381333931"]}, True),
        ({"gtins": ["4006381333932"]}, False),
        ({"seller_ids": ["INVENTED-SHOP"], "hs_prefixes": ["9503"]}, True),
        ({"seller_ids": ["ANOTHER-SHOP"], "hs_prefixes": ["9503"]}, False),
        ({"hs_prefixes": ["9503"], "origin_country_codes": ["CN"]}, True),
        ({"hs_prefixes": ["9503"], "origin_country_codes": ["VN"]}, False),
        ({"words": ["magnetic"]}, True),
        ({"words": ["magnet"]}, False),
        ({"words": ["set plastic"]}, True),
        ({"words": ["plastic set"]}, False),
    ],
)
def test_all_that_a_rule_states_has_to_hold_of_one_goods_item(rule: dict[str, Any], is_found: bool) -> None:
    document = msgspec.convert(toy("RULE"), Consignment)

    assert bool(find_consignments(msgspec.convert(rule, RecallRule), {1: document})) is is_found


def test_what_is_in_flight_is_found_by_the_index_of_what_is_in_flight(world: World) -> None:
    values = {"administration_id": 1, "after_id": 0, "until_id": 2**62, "limit": 5_000}
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        for number in range(1, 8):
            # As among millions that are released: their pages are many, those in flight are few.
            connection.execute(
                "UPDATE declared_consignment SET status = 7 WHERE reference = %s", [f"LEDGER-{number}"]
            )
        connection.execute("VACUUM ANALYZE declared_consignment")
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(
            row[0] for row in connection.execute("EXPLAIN " + QUERIES["select_in_flight"], values).fetchall()
        )
        flying = connection.execute(QUERIES["select_in_flight"], values).fetchall()

    used = set(re.findall(r"using (\w+) on declared_consignment\w* flying", plan))
    partial = rows(world.dsn, "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%%status <> ALL%%'")
    assert used, plan
    assert used <= {name for (name,) in partial}, plan
    released = rows(world.dsn, "SELECT consignment_id FROM consignment WHERE status = 7")
    assert not {row[0] for row in flying} & {row[0] for row in released}


@pytest.mark.in_turn
def test_an_officer_recalls_on_a_page_and_confirms_what_it_shows(world: World) -> None:
    with world.client("post") as client:
        file(client, toy("PAGE-1", commodity_code="95030081"))
    with world.client("officer") as client:
        html = {"accept": "text/html"}
        form = {"reference": "R-PAGE", "reason_code": "small-magnets", "hs_prefixes": "95030081\n"}
        everything = form | {"hs_prefixes": "", "origin_country_codes": "CN"}
        wide = client.post("/recalls", data=everything, headers=html)
        made = client.post("/recalls", data=form, headers=html)
        (recall_id,) = [
            one["recall_id"]
            for one in client.get("/v1/recalls").json()["recalls"]
            if one["reference"] == "R-PAGE"
        ]
        wait(world, recall_id, state="counted", hit_count=1)
        shown = client.get("/recalls", headers=html).text
        confirmed = client.post(
            f"/recalls/{recall_id}/confirmation", data={"expected_count": "1"}, headers=html
        )

    assert (wide.status_code, "names no goods" in wide.text) == (422, True)
    assert (made.status_code, made.headers["location"]) == (303, "/recalls")
    assert "Confirm: 1 parcel" in shown
    assert "95030081" in shown
    assert confirmed.status_code == 303
    wait(world, recall_id, state="looking", found_count=1)
