"""Recordals over HTTP: lodged, granted, looked for, ended; and who may not."""

import base64
import struct
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.journey.cases.world import World, file, rows, running_world
from tests.journey.recordals.holders import add_holders, call, grant, lodge, picture, shoe, terms


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        add_holders(running)
        yield running


def lane(world: World, reference: str, mark: str, **changes: str) -> str:
    with world.client("post") as client:
        (line,) = file(client, shoe(reference, mark, **changes))
    return str(line["decision"]["lane"])


def wait_for_lane(world: World, name: str, mark: str, wanted: str) -> None:
    end, number = time.monotonic() + 20, 0
    while lane(world, f"{name}-{number}", mark) != wanted:
        number += 1
        assert time.monotonic() < end
        time.sleep(0.3)


def wait_for_standing(world: World, reference: str, wanted: str) -> None:
    """Wait until a parcel that is declared stands in a lane."""
    end = time.monotonic() + 40
    while (
        found := call(world, "post", f"/v1/declarations/{reference}").json()["decision"]["lane"]
    ) != wanted:
        assert time.monotonic() < end, found
        time.sleep(0.3)


@pytest.mark.in_turn
def test_a_mark_is_looked_for_while_its_recordal_is_in_force(world: World) -> None:
    recordal_id = lodge(world, "QUXZORA", "Quxzora")
    again = call(world, "holder", "/v1/recordals", terms("QUXZORA", "Quxzora"))
    assert (again.status_code, again.json()["recordal_id"]) == (200, recordal_id)
    assert call(world, "holder", "/v1/recordals", terms("QUXZORA", "Zerquox")).status_code == 409
    sent = call(world, "holder", f"/v1/recordals/{recordal_id}/pictures", {"content": picture()})
    assert (sent.status_code, sent.json()["pictures_count"]) == (200, 1)
    usual = lane(world, "BEFORE", "Quxzora")
    assert usual != "review", "nobody has granted it"

    assert grant(world, recordal_id)["state"] == "granted"
    wait_for_lane(world, "NAMED", "Quxzora", "review")
    wait_for_standing(world, "BEFORE", "review")
    assert lane(world, "RESPELT", "Qu\u0445zorra") == "review"
    assert lane(world, "AUTHORISED", "Quxzora", seller_id="HOLDER-SHOP") == usual
    assert lane(world, "OTHER", "Plainzy") == usual

    case = call(world, "post", "/v1/declarations/RESPELT").json()
    shown = call(world, "post", f"/v1/cases/{case['case_id']}").text
    shown += call(world, "post", f"/v1/cases/{case['case_id']}/explanation").text
    assert "mark" not in shown.replace("market", "").lower(), "what selected it is for officers alone"
    assert "screening-" not in shown
    with world.client("officer") as client:
        seen = client.get(f"/parcels/{case['case_id']}", headers={"accept": "text/html"}).text
    assert "names a word mark that a rights holder has recorded" in seen

    decided = call(world, "officer", f"/v1/recordals/{recordal_id}/decision", {"decision": "refused"})
    assert (decided.status_code, decided.json()["code"]) == (409, "recordal-decided")
    ended = [call(world, "holder", f"/v1/recordals/{recordal_id}/end", {}).json()["state"] for _ in range(2)]
    assert ended == ["ended", "ended"]
    wait_for_lane(world, "AFTER", "Quxzora", usual)
    for reference in ("BEFORE", "RESPELT"):
        wait_for_standing(world, reference, usual)


def test_a_recordal_lasts_longer_on_a_request_before_it_expires(world: World) -> None:
    recordal_id = lodge(world, "LASTS", "Lastrovex")
    path = f"/v1/recordals/{recordal_id}"
    today = datetime.now(UTC).date()

    def ask(days: int, party: str = "holder") -> Any:
        asked = {"last_day": (today + timedelta(days=days)).isoformat()}
        return call(world, party, f"{path}/extension", asked)

    assert ask(300).json()["code"] == "recordal-not-in-force", "nobody has granted it"
    granted = grant(world, recordal_id)
    assert granted["extension_to_max"] > granted["valid_to"]
    assert ask(100).json()["code"] == "recordal-faulty", "no longer than now"
    assert ask(5_000).json()["code"] == "recordal-faulty", "longer than the law lets it last"
    for party in ("other-holder", "rival", "officer"):
        assert ask(300, party).status_code in (403, 404), party
    early = call(world, "officer", f"{path}/extension-decision", {"decision": "granted"})
    assert early.json()["code"] == "rights-extension-not-asked"
    twice = [ask(300).text for _ in range(2)]
    assert twice[0] == twice[1]
    assert ask(310).json()["code"] == "rights-extension-asked"
    for party in ("holder", "other-holder", "rival"):
        answer = call(world, party, f"{path}/extension-decision", {"decision": "granted"})
        assert answer.status_code in (403, 404), party
    refused = call(
        world, "officer", f"{path}/extension-decision",
        {"decision": "refused", "reason_code": "right-not-shown"},
    ).json()  # fmt: skip
    assert (refused["extension_answer"], refused["valid_to"]) == ("refused", granted["valid_to"])

    assert ask(300).json()["extension_asked_at"], "it may ask again"
    # It expires before anybody decides: what was asked for in time puts it in force again.
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE recordal SET valid_to = now() - interval '1 hour' WHERE reference = 'LASTS'"
        )
    assert call(world, "holder", path).json()["state"] == "expired"
    longer = [
        call(world, "officer", f"{path}/extension-decision", {"decision": "granted"}).json() for _ in range(2)
    ]
    assert longer[0] == longer[1]
    assert (longer[0]["state"], longer[0]["valid_to"] > granted["valid_to"]) == ("granted", True)
    wait_for_lane(world, "LASTING", "Lastrovex", "review")
    kinds = [one[0] for one in rows(world.dsn, "SELECT kind FROM administering_act ORDER BY act_id")]
    assert kinds.count("recordal-extended") == kinds.count("recordal-extension-refused") == 1
    call(world, "holder", f"{path}/end", {})
    assert ask(400).json()["code"] == "recordal-not-in-force"


def test_nobody_but_its_holder_and_officers_sees_a_recordal(world: World) -> None:
    recordal_id = lodge(world, "VEXOLIT", "Vexolit")
    paths = [f"/v1/recordals/{recordal_id}", f"/v1/recordals/{recordal_id}/pictures/1"]

    for party in ("other-holder", "rival", "platform", "seller"):
        for path in paths:
            assert call(world, party, path).status_code in (403, 404), (party, path)
        for rest in ("end", "decision", "pictures"):
            body = {"decision": "granted"} if rest == "decision" else {"content": picture()}
            answer = call(world, party, f"/v1/recordals/{recordal_id}/{rest}", {} if rest == "end" else body)
            assert answer.status_code in (403, 404), (party, rest, answer.text)
    assert call(world, "other-holder", "/v1/recordals").json() == {"recordals": []}
    assert call(world, "holder", paths[1]).status_code == 404, "there is none yet"
    refused = call(
        world, "officer", f"/v1/recordals/{recordal_id}/decision",
        {"decision": "refused", "reason_code": "right-not-shown"},
    )  # fmt: skip
    assert (refused.json()["state"], refused.json()["refusal_reason_code"]) == ("refused", "right-not-shown")
    late = call(world, "holder", f"/v1/recordals/{recordal_id}/pictures", {"content": picture()})
    assert late.json()["code"] == "recordal-decided"
    assert [one[0] for one in rows(world.dsn, "SELECT kind FROM administering_act WHERE kind ~ 'recordal'")][
        -1:
    ] == ["recordal-refused"]


@pytest.mark.parametrize(
    "changes",
    [
        {"marks": ["x" * 10_000]},
        {"marks": ["Vex\u202etilo"]},
        {"marks": ["Vex\u200bolit"]},
        {"marks": ["\u2605\u2605\u2605"]},
        {"marks": ["ab"]},
        {"marks": [], "evidence_link": None},
        {"hs_prefixes": []},
        {"last_day": "2020-01-01"},
        {"last_day": "2099-01-01"},
        {"evidence_link": "javascript:alert(1)"},
        {"contact_email": "nobody"},
        {"unheard": "of"},
    ],
)
def test_what_is_no_recordal_is_refused_and_nothing_is_kept(world: World, changes: dict[str, object]) -> None:
    answer = call(world, "holder", "/v1/recordals", terms("FAULTY", "Vexolit") | changes)

    assert answer.status_code in (400, 422), answer.text
    assert not rows(world.dsn, "SELECT 1 FROM recordal WHERE reference = 'FAULTY'")


def test_a_picture_that_is_a_bomb_is_refused_before_it_is_decoded(world: World) -> None:
    recordal_id = lodge(world, "BOMB", "Bombelix")
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1_000_000))), (b"IEND", b"")]
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(its)) + name + its + struct.pack(">I", zlib.crc32(name + its))
        for name, its in chunks
    )
    begun = time.monotonic()

    for content in (bomb, b"GIF89a" + bytes(100), b"\xff\xd8\xff" + b"x" * 60_000):
        body = {"content": base64.b64encode(content).decode()}
        answer = call(world, "holder", f"/v1/recordals/{recordal_id}/pictures", body)
        assert answer.json()["code"] in ("picture-too-large", "picture-unfit"), answer.text
    assert time.monotonic() - begun < 5
    assert call(world, "holder", f"/v1/recordals/{recordal_id}").json().get("pictures_count", 0) == 0
