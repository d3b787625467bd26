"""Statements over HTTP and as files: one's own alone, of months that there are, with nothing that a
spreadsheet or a document would run."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import httpx2
import pytest

from serai.foundation.id_text import format_id
from serai.portal.statement.document import Cell, Document, Part, Table
from serai.portal.statement.pdf_form import make_pdf
from tests.journey.cases.world import World
from tests.web.test_bank_statements import declare

PERIOD = f"{datetime.now(UTC):%Y-%m}"
HTML = {"accept": "text/html"}


def own_party(client: httpx2.Client) -> str:
    return str(client.get(f"/v1/statements/{PERIOD}").json()["party"])


def test_a_payer_reads_a_month_as_data_as_a_table_and_as_a_document(world: World) -> None:
    with world.client("post") as post:
        declare(post, "STATED")
        said = post.get(f"/v1/statements/{PERIOD}").json()
        table = post.get(f"/v1/statements/{PERIOD}/csv")
        document = post.get(f"/v1/statements/{PERIOD}/pdf")
        owed = post.get("/v1/amounts-payable").json()
        notified = post.get("/v1/amounts-payable/pdf")
        months = post.get("/v1/statements").json()

    assert said["period"] == PERIOD
    for one in said["sections"]:
        moved = sum((Decimal(line["amount"]) for line in one["lines"]), Decimal())
        assert Decimal(one["opening_amount"]) + moved == Decimal(one["closing_amount"])
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["row"] for row in rows].count("closing") == len(said["sections"])
    assert table.headers["cache-control"] == "no-store"
    assert document.content.startswith(b"%PDF-")
    assert notified.content.startswith(b"%PDF-")
    assert owed["party"] == said["party"]
    assert months["periods"] == ([PERIOD] if said["sections"] else months["periods"])


@pytest.mark.parametrize("way", ["/v1/statements/{}", "/v1/statements/{}/csv", "/v1/statements/{}/pdf"])
def test_nobody_reads_anothers_and_it_looks_as_if_there_were_none(world: World, way: str) -> None:
    path = way.format(PERIOD)
    with world.client("post") as post, world.client("rival") as rival, world.client("officer") as officer:
        party = own_party(post)
        others = rival.get(path, params={"party": party})
        none = rival.get(path, params={"party": format_id(987_654_321)})
        own = post.get(path, params={"party": party})
        officers = officer.get(path, params={"party": party})
        of_whom = officer.get(path)
        nonsense = officer.get(path, params={"party": "x'; --"})
    with httpx2.Client(base_url=world.address) as stranger:
        unknown = stranger.get(path)

    assert (others.status_code, none.status_code) == (404, 404)
    assert others.json()["detail"] == none.json()["detail"]
    assert (own.status_code, officers.status_code) == (200, 200)
    assert (of_whom.status_code, of_whom.json()["code"]) == (422, "statement-of-whom")
    assert nonsense.status_code == 404
    assert unknown.status_code == 401


@pytest.mark.parametrize("period", ["9999-12", "2024-12", "0000-01", "2026-13", "2026-1", "2026", "x" * 300])
def test_a_month_that_there_cannot_be_is_refused(world: World, period: str) -> None:
    with world.client("post") as post:
        answers = [post.get(f"/v1/statements/{period}{form}") for form in ("", "/csv", "/pdf")]
        on_page = post.get(f"/statement/{period}", headers=HTML)

    for one in (*answers, on_page):
        assert one.status_code in {400, 404, 422}, one.text
    assert all(one.json()["next_step"] for one in answers)


def test_a_month_to_come_and_one_without_entries_are_empty(world: World) -> None:
    with world.client("post") as post:
        to_come = post.get("/v1/statements/2093-12")
        before = post.get("/v1/statements/2025-01/pdf")

    assert (to_come.status_code, before.status_code) == (200, 200)
    assert all(one["lines"] == [] for one in to_come.json()["sections"])


async def test_words_of_parties_are_no_markup_of_a_document() -> None:
    evil = '#panic("read") *x* $ #import "/etc/passwd" \\ \u4e2d\u6587 \u0639'
    part = Part(evil, [(evil, evil)], Table(evil, [evil] * 6, [4], [[Cell(evil, evil)] * 6]), [evil])

    content = await make_pdf(Document(evil, "en", [(evil, evil)], [part], [evil]))

    assert content.startswith(b"%PDF-")
