"""Customs offices over HTTP: written, dated, on the case and its decision; by whom, and with what proof."""

import datetime as dt
from collections.abc import Iterator

import httpx2
import pytest

from serai.journey.offices.office import Office, OfficeOut, Offices
from serai.journey.offices.service import in_order, on_day
from serai.journey.offices.store import OfficeRow
from tests.journey.cases.world import World, parcel, rows

POST = {
    "name": "Post Office of Customs",
    "address": "Invented Street 1",
    "hours": "Monday to Friday",
    "contact": "post@customs.example",
}


@pytest.fixture
def admin(world: World) -> Iterator[httpx2.Client]:
    with world.client("officer") as client:
        yield client


def _written(number: int, reference: str, day: int, **changes: object) -> OfficeRow:
    fields: dict[str, object] = {
        **POST, "office_row_id": number, "reference": reference, "valid_from": dt.date(2026, 7, day),
        "is_ended": False, "country_codes": [], "channel_codes": [],
        "written_at": dt.datetime(2026, 7, 1, tzinfo=dt.UTC),
    }  # fmt: skip
    return OfficeRow(**(fields | changes))  # type: ignore[arg-type]


def test_an_office_is_what_its_newest_row_says_on_the_day() -> None:
    written = [
        _written(1, "A", 1, name="first"),
        _written(2, "A", 20, name="later"),
        _written(3, "A", 10, name="second"),
        _written(4, "A", 25, is_ended=True),
        _written(5, "B", 1, name="other"),
    ]

    found = [sorted(one.name for one in on_day(written, dt.date(2026, 7, day))) for day in (1, 10, 20, 25)]

    assert found == [["first", "other"], ["other", "second"], ["later", "other"], ["other"]]
    assert on_day(written, dt.date(2026, 6, 30)) == []


def test_who_names_more_is_asked_first() -> None:
    written = [
        _written(1, "ALL", 1, name="all"),
        _written(2, "POST", 1, name="post", channel_codes=["post"]),
        _written(3, "IE-POST", 1, name="IE post", channel_codes=["post"], country_codes=["IE"]),
    ]
    known = [Office(one.name, "", "", "", one.country_codes, one.channel_codes) for one in in_order(written)]
    offices = Offices(known, OfficeOut("none"))

    found = [
        offices.responsible_for(*one).name for one in (("IE", "post"), ("DE", "post"), ("IE", "express"))
    ]

    assert found == ["IE post", "post", "all"]


def test_an_office_stands_on_case_and_decision_from_its_day_until_it_ends(
    admin: httpx2.Client, world: World
) -> None:
    numbers = {"ucr": "UCR-rows", "house_document": "HOUSE-rows", "order_references": ["O-rows"]}
    with world.client("post") as client:
        case_id = client.post("/v1/declarations", json=parcel("OFFICE-ROWS", **numbers)).json()["case_id"]

    def offices() -> list[str]:
        answers = [admin.get(f"/v1/cases/{case_id}"), admin.get(f"/v1/cases/{case_id}/decision")]
        return [one.json()["office"]["name"] for one in answers]

    before = offices()
    added = admin.put("/v1/offices/POST-1", json=POST)
    again = admin.put("/v1/offices/POST-1", json=POST)
    standing = offices()
    changed = admin.put("/v1/offices/POST-1", json=POST | {"name": "Other Office"})
    later = admin.put("/v1/offices/POST-1", json=POST | {"valid_from": "2999-01-01"})
    listed = admin.get("/v1/offices").json()["offices"]
    then = offices()
    ended = [admin.delete("/v1/offices/POST-1") for _ in range(2)]

    assert before == ["Testland Customs"] * 2 == offices()
    assert [one.status_code for one in (added, again, changed, later)] == [201, 200, 200, 200]
    assert standing == ["Post Office of Customs"] * 2
    assert then == ["Other Office"] * 2
    assert [(one["name"], one["valid_from"] == "2999-01-01") for one in listed] == [
        ("Other Office", False),
        ("Post Office of Customs", True),
    ]
    assert [one.json()["is_ended"] for one in ended] == [True, True]
    acts = rows(
        world.dsn, "SELECT kind, detail FROM administering_act WHERE subject = 'office POST-1' ORDER BY 1"
    )
    assert [kind for kind, _ in acts] == ["office-added", "office-changed", "office-changed", "office-ended"]
    assert "Invented Street 1; Monday to Friday; post@customs.example" in acts[0][1]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("POST-2", POST | {"valid_from": "2020-01-01"}, 400),
        ("a%20b", POST, 400),
        ("POST-2", POST | {"name": "x" * 50_000}, 422),
        ("POST-2", POST | {"name": "two\nlines"}, 422),
        ("POST-2", POST | {"country_codes": ["Ireland"]}, 422),
        ("POST-2", {"name": "only"}, 422),
    ],
)
def test_a_faulty_office_is_refused_and_nothing_written(
    admin: httpx2.Client, world: World, path: str, body: object, status: int
) -> None:
    answer = admin.put(f"/v1/offices/{path}", json=body)

    assert answer.status_code == status, answer.text
    assert {"code", "next_step"} <= answer.json().keys()
    assert rows(world.dsn, "SELECT 1 FROM customs_office WHERE reference <> 'POST-1'") == []


def test_others_write_no_office(world: World) -> None:
    with world.client("rival") as client:
        told = [
            client.put("/v1/offices/X", json=POST),
            client.delete("/v1/offices/X"),
            client.get("/v1/offices"),
        ]

    assert [one.status_code for one in told] == [403, 403, 403]
