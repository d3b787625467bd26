"""Where a parcel stands, for whoever knows its number and postcode; a stranger learns nothing, not even that
there is such a number."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from serai.foundation.settings import BuyersSettings
from tests.journey.cases.world import World, file, parcel, rows, running_world

ANSWER_AFTER_MS = 60
NUMBER, ORDER, POSTCODE = "LX473124829CN", "INVENTED-ORDER-77", "D02 AF30"


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    settings = BuyersSettings(number_tries_count=3, network_tries_count=6, answer_after_ms=ANSWER_AFTER_MS)
    with running_world(world_database, folder, buyers=settings) as world:
        with world.client("post") as client:
            file(client, parcel("BUYER-1", house_document=NUMBER, order_references=[ORDER]))
        yield world


@pytest.fixture(autouse=True)
def untried(world: World) -> None:
    """Each test begins where nothing was tried."""
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM sign_in_try")


def track(world: World, number: str, postcode: str, **headers: str) -> httpx2.Response:
    with world.client("") as client:
        return client.post("/v1/track", json={"number": number, "postcode": postcode}, headers=headers)


@pytest.mark.parametrize(
    ("number", "postcode"),
    [
        (NUMBER, POSTCODE),
        ("lx 473 124 829 cn", "d02af30"),
        ("LX-473-124-829-CN", "D02-AF30"),
        (ORDER, POSTCODE),
    ],
)
def test_number_and_postcode_show_where_the_parcel_stands(world: World, number: str, postcode: str) -> None:
    answer = track(world, number, postcode)

    assert answer.status_code == 200, answer.text
    found = answer.json()["parcel"]
    assert found["status"] == "arrival-expected"
    assert found["title"] == "Your parcel is on its way"
    assert found["ask"] == "Testland Customs"
    assert not found["is_confirmed"]
    assert answer.headers["cache-control"] == "no-store"
    with world.client("") as client:
        again = client.post("/v1/track/status", json={"session": answer.json()["session"]})
    assert again.json() == found


def test_nothing_of_persons_goods_or_sums_is_told(world: World) -> None:
    text = track(world, NUMBER, POSTCODE).text

    for word in (
        "Zelda",
        "Quux",
        "Long Lane",
        "Dublin",
        "D02",
        "T-shirt",
        "61091000",
        "EUR",
        "25.00",
        "BUYER-1",
    ):
        assert word not in text


def test_a_wrong_postcode_and_a_number_that_is_not_there_have_one_answer(world: World) -> None:
    there, nowhere = track(world, NUMBER, "D02 AF31"), track(world, "LX999999999CN", POSTCODE)

    assert there.status_code == nowhere.status_code == 404
    assert there.json()["code"] == "parcel-unknown"
    assert _bare(there.json()) == _bare(nowhere.json())


def _bare(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


def test_both_take_the_same_statements_and_no_answer_comes_early(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def noted(cursor: Any, query: Any, *values: Any, **options: Any) -> Any:
        run.append(query.decode() if isinstance(query, bytes) else str(query))
        return await execute(cursor, query, *values, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", noted)
    seen = []
    for number, postcode in ((NUMBER, "D02 AF31"), ("LX999999999CN", POSTCODE)):
        run.clear()
        begun_s = time.monotonic()
        assert track(world, number, postcode).status_code == 404
        assert time.monotonic() - begun_s >= ANSWER_AFTER_MS / 1000
        tables = ("match_key", "case_consignment", "FROM document", "vault_batch", "sign_in_try")
        # Jobs of the server run between.
        seen.append([one for one in run if any(table in one for table in tables)])

    assert len(seen[0]) >= 6
    assert seen[0] == seen[1]


def test_tries_are_bounded_by_number_also_for_who_then_knows_it(world: World) -> None:
    answers = [track(world, NUMBER, f"D02 AF{number}").status_code for number in range(10, 13)]
    right = track(world, NUMBER, POSTCODE)
    nowhere = [track(world, "LX999999999CN", f"D02 AF{number}").status_code for number in range(10, 13)]

    assert answers == nowhere == [404] * 3
    assert right.status_code == 429
    assert right.json()["code"] == "tries-spent"
    assert int(right.headers["retry-after"]) > 3500
    assert track(world, "LX999999999CN", POSTCODE).status_code == 429, "as of one that is there"


def test_tries_are_bounded_by_network_whatever_the_number(world: World) -> None:
    codes = [track(world, f"LX{number:09}CN", POSTCODE).status_code for number in range(7)]

    assert codes == [404] * 6 + [429]
    assert track(world, NUMBER, POSTCODE).status_code == 429


def test_who_knows_may_look_as_often_as_they_like(world: World) -> None:
    assert [track(world, NUMBER, POSTCODE).status_code for _ in range(5)] == [200] * 5


def test_neither_number_nor_postcode_nor_session_is_kept(world: World) -> None:
    session = track(world, NUMBER, POSTCODE).json()["session"]
    track(world, NUMBER, "D99 XX99")

    kept = json.dumps(rows(world.dsn, "SELECT row::text FROM buyer_session AS row"))
    kept += json.dumps(rows(world.dsn, "SELECT row::text FROM sign_in_try AS row"))

    for text in (session, "473124829", "AF30", "XX99"):
        assert text not in kept


@pytest.mark.parametrize("session", ["", "nothing", "' OR 1=1 --"])
def test_a_session_of_ones_own_making_opens_nothing(world: World, session: str) -> None:
    with world.client("") as client:
        assert client.post("/v1/track/status", json={"session": session}).status_code in {401, 422, 400}


# ---- the pages ----

HTML = {"accept": "text/html"}


def token_of(answer: httpx2.Response) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', answer.text)
    assert found is not None
    return found[1]


def test_the_page_leads_to_an_address_without_number_and_postcode(world: World) -> None:
    with world.client("") as client:
        form = {
            "form_token": token_of(client.get("/track", headers=HTML)),
            "number": NUMBER,
            "postcode": POSTCODE,
        }
        led = client.post("/track", data=form, headers=HTML)
        assert (led.status_code, led.headers["location"]) == (303, "/track/parcel")
        shown = client.get("/track/parcel", headers=HTML)
        looked = client.head("/track/parcel", headers=HTML)
        client.post("/track/leave", data={"form_token": token_of(shown)}, headers=HTML)
        left = client.get("/track/parcel", headers=HTML)

    assert "Your parcel is on its way" in shown.text
    assert NUMBER not in shown.text
    assert looked.status_code == 200
    assert left.status_code == 401


def test_a_session_that_was_planted_before_is_replaced(world: World) -> None:
    planted = track(world, NUMBER, POSTCODE).json()["session"]
    with world.client("") as client:
        client.cookies.set("serai_parcel", planted)
        form = {
            "form_token": token_of(client.get("/track", headers=HTML)),
            "number": NUMBER,
            "postcode": POSTCODE,
        }
        led = client.post("/track", data=form, headers=HTML)

    assert "serai_parcel=" in led.headers["set-cookie"]
    assert planted not in led.headers["set-cookie"]


def test_a_form_of_another_site_finds_nothing(world: World) -> None:
    with world.client("") as client:
        answer = client.post("/track", data={"number": NUMBER, "postcode": POSTCODE}, headers=HTML)

    assert answer.status_code == 403


def test_what_was_typed_wrong_is_shown_again_as_text(world: World) -> None:
    with world.client("") as client:
        form = {"form_token": token_of(client.get("/track", headers=HTML))}
        form |= {"number": '"><script>alert(1)</script>', "postcode": "1"}
        answer = client.post("/track", data=form, headers=HTML)

    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
