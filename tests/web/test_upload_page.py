"""The upload page over HTTP, as a browser without script uses it."""

import re

import httpx2
import pytest

from tests.journey.cases.world import World, rows
from tests.laboratory.test_upload import row, sheet_of, table

ROWS = [
    row("U-1"),
    row("U-2", quantity="two", consignee__name="Zelda " * 20),
    row("U-3", invoice_amount="25,00"),
]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


@pytest.fixture
def visitor(world: World) -> httpx2.Client:
    return world.client("")


def check(visitor: httpx2.Client, content: bytes) -> httpx2.Response:
    token = hidden(visitor.get("/upload").text, "form_token")
    return visitor.post(
        "/upload", data={"form_token": token}, files={"file": ("parcels.csv", content, "text/csv")}
    )


def step(visitor: httpx2.Client, page: str, path: str, **fields: str) -> httpx2.Response:
    data = {"form_token": hidden(page, "form_token"), "packed": hidden(page, "packed"), **fields}
    return visitor.post(path, data=data)


def test_faults_are_shown_in_place_and_nothing_is_stored(world: World, visitor: httpx2.Client) -> None:
    filed = "SELECT count(*) FROM submission WHERE reference LIKE 'U-%'"
    before = rows(world.dsn, filed)
    with visitor:
        answer = check(visitor, sheet_of(*ROWS))

    assert answer.status_code == 422
    assert "2 of 3 consignments need correcting" in answer.text
    assert "Row 3 · U-2, quantity: " in answer.text
    assert 'name="c-3-14"' in answer.text
    assert 'value="25.00"' in answer.text
    assert "In the file: 25,00" in answer.text
    # Only what is at fault is shown: cells beside it, with names and addresses, are shown when asked for.
    assert "Lane 3" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert rows(world.dsn, filed) == before


def test_files_come_back_with_remarks_and_the_sound_part_is_filed_under_a_key(
    world: World, visitor: httpx2.Client
) -> None:
    with visitor:
        page = check(visitor, sheet_of(*ROWS)).text
        corrected = step(visitor, page, "/upload/corrected")
        faulty = step(visitor, page, "/upload/faulty")
        refused = step(visitor, page, "/upload/filing", key="serai_1_" + "x" * 43)
        not_allowed = step(visitor, page, "/upload/filing", key=world.keys["payer"])
        filed = step(visitor, page, "/upload/filing", key=world.keys["rival"])
        again = step(visitor, page, "/upload/filing", key=world.keys["rival"])
        rest = check(visitor, corrected.content)

    assert corrected.headers["content-disposition"] == 'attachment; filename="corrected.csv"'
    assert [one["reference"] for one in table(faulty.content)] == ["U-2", "U-3"]
    assert table(corrected.content)[2]["invoice_amount"] == "25.00"
    assert (refused.status_code, not_allowed.status_code) == (422, 422)
    assert "No such key is known here" in refused.text
    assert "1 of 1 lodged" in filed.text
    assert "1 of 1 lodged" in again.text
    assert rows(
        world.dsn, "SELECT reference FROM submission WHERE reference LIKE 'U-%' AND reference <> 'U-9'"
    ) == [("U-1",)]
    assert (
        "1 of 3 consignments needs correcting" in rest.text
        or "1 of 3 consignments need correcting" in rest.text
    )
    for one in (refused, not_allowed, filed, again):
        assert world.keys["rival"] not in one.text
        assert world.keys["payer"] not in one.text


def test_cells_corrected_in_the_page_go_into_the_file_whatever_is_pressed(
    world: World, visitor: httpx2.Client
) -> None:
    name = "Zelda Quux"
    typed = {"c-3-14": "2", "c-3-7": name, "c-4-15": "25.00"}
    content = sheet_of(*(one.replace("U-", "M-") for one in ROWS))
    with visitor:
        page = check(visitor, content).text
        opened = step(visitor, page, "/upload/correction", open="3", **{"c-3-14": "many"})
        still = step(visitor, opened.text, "/upload/correction")
        corrected = step(visitor, page, "/upload/corrected", **typed)
        sound = step(visitor, page, "/upload/correction", **typed)
        no_key = step(visitor, page, "/upload/filing", **typed)
        filed = step(visitor, no_key.text, "/upload/filing", key=world.keys["rival"])

    assert opened.status_code == still.status_code == 422
    assert "Lane 3" in opened.text
    assert 'name="opened" value="3"' in opened.text
    assert 'value="many"' in still.text
    assert [one["quantity"] for one in table(corrected.content)] == ["1", "2", "1"]
    assert sound.status_code == 200
    assert "All 3 consignments are ready to lodge" in sound.text
    # What was typed is in the page that asks who sends.
    assert no_key.status_code == 422
    assert "Sign in to send it." in no_key.text
    assert "3 of 3 lodged" in filed.text


def test_a_correction_needs_no_session_and_lodging_does(world: World, visitor: httpx2.Client) -> None:
    with visitor:
        page = check(visitor, sheet_of(row("N-1", quantity="two"))).text
        packed = hidden(page, "packed")
        corrected = visitor.post("/upload/correction", data={"packed": packed, "c-2-14": "2"})
        forged = visitor.post(
            "/upload/filing", data={"packed": packed, "c-2-14": "2", "key": world.keys["rival"]}
        )

    assert corrected.status_code == 200
    assert forged.status_code == 422
    assert "You have signed in or out since." in forged.text
    assert rows(world.dsn, "SELECT 1 FROM submission WHERE reference = 'N-1'") == []


def test_a_page_that_brings_no_file_is_told_so(visitor: httpx2.Client) -> None:
    with visitor:
        page = visitor.get("/upload").text
        token = hidden(page, "form_token")
        answers = [
            visitor.post("/upload/faulty", data={"form_token": token, "packed": packed})
            for packed in ("", "!", "AAAA", "eJwDAAAAAAE=")
        ]
        nothing = visitor.post(
            "/upload", data={"form_token": token}, files={"file": ("a.csv", b"", "text/csv")}
        )
        forged = visitor.post("/upload/faulty", data={"packed": "AAAA"})

    assert {answer.status_code for answer in answers} == {400}
    assert nothing.status_code == 422
    assert "Choose a file" in nothing.text
    assert forged.status_code == 403


def test_a_file_that_is_too_large_or_odd_is_told_plainly(visitor: httpx2.Client) -> None:
    with visitor:
        large = check(visitor, b"x" * (2 * 1024 * 1024 + 1))
        odd = check(visitor, b"\xff\xfer\x00e\x00f\x00")
        archive = check(visitor, b"PK\x03\x04" + b"\x00" * 100)

    assert "at most 2 MiB" in large.text
    assert odd.status_code == archive.status_code == 422
    assert "UTF-16" in odd.text


def test_who_is_signed_in_for_a_party_lodges_without_a_key(world: World) -> None:
    with world.client("seller") as party, world.client("payer") as other:
        page = check(party, sheet_of(row("U-9"))).text
        not_allowed = step(other, page, "/upload/filing")
        filed = step(party, page, "/upload/filing")

    assert 'name="key"' not in page
    assert "1 of 1 lodged" in filed.text
    assert not_allowed.status_code == 422
    assert rows(world.dsn, "SELECT party_id FROM submission WHERE reference = 'U-9'") == [(13,)]
