"""Recalls that suspend: what is certainly meant, now and later; platforms have a clock; all of it undone."""

import asyncio
import base64
import io
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import psycopg
import pytest
from PIL import Image, ImageDraw, ImageEnhance
from psycopg import AsyncConnection

from serai.foundation.access import parties
from serai.foundation.id_text import parse_id
from serai.foundation.settings import RecallsSettings
from serai.journey.documents.pictures import read_picture
from serai.journey.measure_rules.working_days import working_days_end
from serai.journey.recall_rules.picture_hash import hash_picture
from serai.journey.recall_rules.rules import DIFFERING_BITS_MAX, RecallRule, find_consignments
from serai.journey.recalls import following
from serai.model.documents import Consignment
from tests.feed import wait_until_shown
from tests.journey.cases.world import AT, SCOPES, World, file, parcel, rows, running_world

GTIN, OTHER_GTIN, MANY_GTIN = "4006381333931", "4006381333948", "4006381333955"
LATER_GTIN = "4006381333962"


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "SETTLED", timedelta(0))
        # What comes is looked at as it comes, or not at all.
        patch.setattr(following, "TAKEN_UP", timedelta(0))
        patch.setattr(following, "SOME_COUNT", 2)
        with running_world(world_database, folder, recalls=RecallsSettings(four_eyes_count=3)) as running:
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
        "description": "Building set, plastic",
        "commodity_code": "95030041",
        "standard_product_id": GTIN,
    } | changes
    return declared


def call(world: World, party: str, path: str, body: Any = None) -> httpx2.Response:
    with world.client(party) as client:
        return client.get(path) if body is None else client.post(path, json=body)


def declare(world: World, reference: str, rule: dict[str, Any], party: str = "agency") -> dict[str, Any]:
    body = {"reference": reference, "reason_code": "small-magnets", "rule": rule}
    answer = call(
        world, party, "/v1/recalls", body | {"effect": "suspension", "ground_code": "dangerous-product"}
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def wait(world: World, recall_id: str, **wanted: Any) -> dict[str, Any]:
    end = time.monotonic() + 40
    while True:
        found: dict[str, Any] = call(world, "officer", f"/v1/recalls/{recall_id}").json()
        if all(found.get(name) == value for name, value in wanted.items()):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.2)


def status(world: World, reference: str) -> str:
    return str(call(world, "post", f"/v1/declarations/{reference}").json()["decision"]["status"])


def hits(world: World, recall_id: str) -> dict[str, tuple[str, str]]:
    found = call(world, "officer", f"/v1/recalls/{recall_id}/hits").json()["hits"]
    return {one["reference"]: (one["sureness"], one["state"]) for one in found}


def take_downs(world: World, party: str, recall_id: str) -> list[dict[str, Any]]:
    asked = call(world, party, "/v1/recall-take-downs").json()["take_downs"]
    return [one for one in asked if one["recall_id"] == recall_id]


@pytest.mark.in_turn
def test_a_batch_is_suspended_now_and_later_platforms_answer_and_what_was_wrong_is_undone(
    world: World,
) -> None:
    with world.client("post") as client:
        file(
            client,
            toy("SET-B", lot_number="l2407 b"),
            toy("SET-A", lot_number="L2407A"),
            toy("SET-NOBODY-KNOWS"),
            toy("NAMED", standard_product_id=OTHER_GTIN, description="Magic Magnet Balls, steel"),
            toy("RELEASED", lot_number="L2407B"),
            parcel("SHIRT"),
        )
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("UPDATE declared_consignment SET status = 7 WHERE reference = 'RELEASED'")
    before = {name: status(world, name) for name in ("SET-B", "SET-A", "SET-NOBODY-KNOWS", "NAMED", "SHIRT")}

    told = declare(world, "MAGNETS", {"gtins": [GTIN], "lots": ["L2407B"], "names": ["magnet balls"]})
    recall_id = told["recall_id"]
    assert told["law_reference"] == "The law of the administration"
    found = wait(world, recall_id, state="looking", kept_count=1, possible_count=2, released_count=1)
    assert (found["hit_count"], "needs_second_person" in found) == (3, False)
    assert status(world, "SET-B") == "suspended"
    assert {name: status(world, name) for name in before if name != "SET-B"} == {
        name: is_so for name, is_so in before.items() if name != "SET-B"
    }, "another batch, a name alone and what nobody knows suspend nothing"
    assert hits(world, recall_id) == {
        "SET-B": ("certain", "suspended"),
        "SET-NOBODY-KNOWS": ("possible", "to-look-at"),
        "NAMED": ("possible", "to-look-at"),
        "RELEASED": ("certain", "released"),
    }

    case = call(world, "post", "/v1/declarations/SET-B").json()
    acts = call(world, "officer", f"/v1/cases/{case['case_id']}/acts").json()["acts"]
    assert [(one["kind"], one["reason_code"], one["law_reference"]) for one in acts] == [
        ("suspension", "safety", "The law of the administration")
    ]
    with world.client("post") as client:
        (line,) = file(client, toy("SET-LATER", lot_number="L2407B"), include="text")
        assert line["decision"]["status"] == "suspended", "decided with it, not after it"
    wait(world, recall_id, kept_count=2)

    _platform_answers(world, recall_id)

    withdrawal = f"/v1/recalls/{recall_id}/withdrawal"
    first, again = (call(world, "agency", withdrawal, {"reason_code": "wrong-batch"}) for _ in range(2))
    assert (first.status_code, first.json()["state"], again.json()["state"]) == (
        200,
        "withdrawn",
        "withdrawn",
    )
    end = time.monotonic() + 30
    while "undone_at" not in call(world, "agency", f"/v1/recalls/{recall_id}").json():
        assert time.monotonic() < end
        time.sleep(0.2)
    assert {name: status(world, name) for name in before} == before, "as if it had never been"
    assert hits(world, recall_id)["SET-B"] == ("certain", "freed")
    its_open = "SELECT count(*) FROM task WHERE kind = 4 AND document_id = %s AND closed_at IS NULL"
    assert rows(world.dsn, its_open, parse_id(recall_id)) == [(0,)]
    wait_until_shown(world.dsn)
    kinds = {one["kind"] for one in call(world, "platform", "/v1/events").json()["events"]}
    assert "recall-withdrawn" in kinds
    (asked,) = take_downs(world, "platform", recall_id)
    assert asked["state"] == "withdrawn"
    with world.client("post") as client:
        (line,) = file(client, toy("SET-AFTER", lot_number="L2407B"), include="text")
        assert line["decision"]["status"] != "suspended"


def _platform_answers(world: World, recall_id: str) -> None:
    end = time.monotonic() + 30
    while not (asked := take_downs(world, "platform", recall_id)):
        assert time.monotonic() < end
        time.sleep(0.2)
    (one,) = asked
    assert (one["state"], one["rule"]["lots"], one["reference"]) == ("open", ["L2407B"], "MAGNETS")
    assert datetime.fromisoformat(one["due_at"]) > datetime.fromisoformat(one["told_at"]) + timedelta(days=2)
    wait_until_shown(world.dsn)
    assert "recall-take-down" in {
        each["kind"] for each in call(world, "platform", "/v1/events").json()["events"]
    }

    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("UPDATE recall_take_down SET due_at = told_at")
    while "recall-take-down-overdue" not in {
        each["kind"] for each in call(world, "agency", "/v1/events").json()["events"]
    }:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert take_downs(world, "agency", recall_id)[0]["state"] == "overdue"

    address = f"/v1/recalls/{recall_id}/take-down-answer"
    answers = [
        call(world, "platform", address, {"answer": one}) for one in ("removed", "removed", "disputed")
    ]
    assert [each.status_code for each in answers] == [200, 200, 409]
    assert answers[2].json()["code"] == "take-down-answered"
    assert [
        call(world, other, address, {"answer": "removed"}).status_code for other in ("seller", "officer")
    ] == [
        403,
        403,
    ]
    assert call(world, "seller", "/v1/recall-take-downs").status_code == 403


def test_what_comes_is_looked_at_as_it_comes_and_an_amendment_makes_it_surer(world: World) -> None:
    rule = {"gtins": [LATER_GTIN], "lots": ["L9"], "names": ["magic slime"]}
    recall_id = declare(world, "R-LATER", rule)["recall_id"]
    wait(world, recall_id, state="looking")
    opened = "SELECT count(*) FROM vault_read WHERE purpose = 'recall-scan'"
    before = rows(world.dsn, opened)
    with world.client("post") as client:
        file(
            client,
            toy("LATER-NO-LOT", standard_product_id=LATER_GTIN),
            toy("LATER-LOT", standard_product_id=LATER_GTIN, lot_number="L9"),
            toy("LATER-NAMED", standard_product_id=OTHER_GTIN, description="Magic slime, green"),
            toy("LATER-OTHER", standard_product_id=OTHER_GTIN),
        )

    wait(world, recall_id, kept_count=1, possible_count=2)
    assert hits(world, recall_id) == {
        "LATER-NO-LOT": ("possible", "to-look-at"),
        "LATER-LOT": ("certain", "suspended"),
        "LATER-NAMED": ("possible", "to-look-at"),
    }
    assert rows(world.dsn, opened) == before, "nothing sealed is opened for it"

    stated = toy("LATER-NO-LOT", standard_product_id=LATER_GTIN, lot_number="l9")
    with world.client("post") as client:
        (line,) = file(client, stated | {"amends_version": 1, "amendment_reason": "batch"}, include="text")
    assert line["decision"]["status"] == "suspended"
    assert hits(world, recall_id)["LATER-NO-LOT"] == ("certain", "suspended")


@pytest.mark.in_turn
def test_what_finds_very_much_waits_for_a_second_person(world: World) -> None:
    with world.client("post") as client:
        file(client, *(toy(f"MANY-{number}", standard_product_id=MANY_GTIN) for number in range(4)))
    recall_id = declare(world, "R-MANY", {"gtins": [MANY_GTIN]})["recall_id"]
    wait(world, recall_id, state="counted", hit_count=4, needs_second_person=True)
    assert status(world, "MANY-0") != "suspended"

    confirmation = f"/v1/recalls/{recall_id}/confirmation"
    alone = call(world, "agency", confirmation, {"expected_count": 4})
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person-needed")
    both = call(world, "officer", confirmation, {"expected_count": 4})
    assert both.json()["state"] == "looking", both.text
    wait(world, recall_id, kept_count=4)
    assert status(world, "MANY-3") == "suspended"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            {"rule": {"names": ["magnet balls"]}, "ground_code": "dangerous-product"},
            "recall-suspends-nothing",
        ),
        ({"rule": {"gtins": [GTIN]}}, "recall-suspends-nothing"),
        ({"rule": {"gtins": [GTIN]}, "ground_code": "because-i-say-so"}, "recall-ground-unknown"),
        ({"rule": {"lots": ["L2407B"], "names": ["magnet balls"]}}, "recall-rule-too-wide"),
    ],
)
def test_what_can_suspend_nothing_is_refused(world: World, body: dict[str, Any], code: str) -> None:
    same = {"reference": f"R-{code}", "reason_code": "x-y", "effect": "suspension"}
    answer = call(world, "agency", "/v1/recalls", same | body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.in_turn
def test_a_picture_has_a_hash_and_what_would_burst_is_refused(world: World) -> None:
    out = io.BytesIO()
    balls().save(out, "PNG")
    fine = call(
        world, "agency", "/v1/recalls/picture-hash", {"content": base64.b64encode(out.getvalue()).decode()}
    )
    assert fine.json() == {"picture_hash": hash_picture(read_picture(out.getvalue()))}

    bomb = io.BytesIO()
    Image.new("1", (60_000, 60_000)).save(bomb, "PNG")
    refused = [
        call(world, "agency", "/v1/recalls/picture-hash", {"content": base64.b64encode(content).decode()})
        for content in (bomb.getvalue(), b"GIF89a" + b"x" * 100, b"%PDF-1.7")
    ]
    assert [one.status_code for one in refused] == [413, 415, 415], [one.text for one in refused]
    assert all(one.json()["next_step"] for one in refused)


def balls() -> Image.Image:
    seen = Image.new("RGB", (640, 480), "white")
    pen = ImageDraw.Draw(seen)
    for number in range(9):
        left, top = 40 + 190 * (number % 3), 20 + 150 * (number // 3)
        pen.ellipse((left, top, left + 100 + 9 * number, top + 90), fill=(20 * number, 60, 200 - 20 * number))
    return seen


def _hash(picture: Image.Image, **how: Any) -> int:
    out = io.BytesIO()
    picture.save(out, "JPEG", **how)
    return int(hash_picture(read_picture(out.getvalue())), 16)


def test_a_picture_that_was_scaled_or_compressed_is_the_same_and_another_is_not() -> None:
    shown = balls()
    own = _hash(shown, quality=95)
    small = _hash(shown.resize((200, 150)), quality=40)
    dark = _hash(ImageEnhance.Brightness(shown).enhance(0.7), quality=80)
    other = _hash(shown.transpose(Image.Transpose.ROTATE_180), quality=95)

    assert (own ^ small).bit_count() <= DIFFERING_BITS_MAX
    assert (own ^ dark).bit_count() <= DIFFERING_BITS_MAX
    assert (own ^ other).bit_count() > 2 * DIFFERING_BITS_MAX


@pytest.mark.parametrize(
    ("rule", "changes", "sureness"),
    [
        ({"gtins": [GTIN]}, {}, "certain"),
        ({"gtins": [GTIN], "lots": ["L1"]}, {"lot_number": "L1"}, "certain"),
        ({"gtins": [GTIN], "lots": ["L1"]}, {"lot_number": "L2"}, None),
        ({"gtins": [GTIN], "lots": ["L1"]}, {}, "possible"),
        ({"gtins": [GTIN], "lots": ["L1"], "serials": ["S1"]}, {"lot_number": "L2"}, "possible"),
        (
            {"gtins": [GTIN], "lots": ["L1"], "serials": ["S1"]},
            {"lot_number": "L2", "serial_number": "s1"},
            "certain",
        ),
        ({"gtins": [OTHER_GTIN], "models": ["mb 200"]}, {"model": "MB-200"}, "possible"),
        ({"gtins": [OTHER_GTIN], "models": ["MB-200"]}, {"model": "MB-2000"}, None),
        ({"models": ["MB-200"]}, {}, None),
        ({"names": ["magnet balls"]}, {"listing": {"title": "Magnet-Balls (216)"}}, "possible"),
        ({"picture_hashes": ["00000000000003ff"]}, {"listing": {"picture_hash": "0" * 16}}, "possible"),
        ({"picture_hashes": ["00000000000007ff"]}, {"listing": {"picture_hash": "0" * 16}}, None),
    ],
)
def test_a_number_and_batch_are_certain_and_likeness_is_possible(
    rule: dict[str, Any], changes: dict[str, Any], sureness: str | None
) -> None:
    document = msgspec.convert(toy("RULE", **changes), Consignment)

    assert find_consignments(msgspec.convert(rule, RecallRule), {1: document}).get(1) == sureness


def test_working_days_leave_out_the_first_day_weekends_and_holidays() -> None:
    friday = datetime(2026, 12, 4, 15, tzinfo=UTC)
    rest = {(friday + timedelta(days=one)).date() for one in (1, 2)} | {date(2026, 12, 8)}

    assert working_days_end(friday, 2, "Europe/Dublin", rest) == datetime(2026, 12, 10, tzinfo=UTC)
