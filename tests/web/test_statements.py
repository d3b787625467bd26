"""Statements over HTTP and as files: one's own alone, of months that there are, with nothing that a
spreadsheet or a document would run."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest
import typst

from serai.foundation.id_text import format_id, parse_id
from serai.model.creditor_reference import read_reference
from serai.model.errors import SeraiError
from serai.portal.statement.document import Cell, Document, Part, Table
from serai.portal.statement.pdf_form import fonts_of, make_pdf
from tests.journey.cases.world import World, rows
from tests.web.test_bank_statements import XML, declare, statement_of

PERIOD = f"{datetime.now(UTC):%Y-%m}"
HTML = {"accept": "text/html"}


def own_party(client: httpx2.Client) -> str:
    return str(client.get(f"/v1/statements/{PERIOD}").json()["party"])


def section_of(client: httpx2.Client, number: str) -> dict[str, Any]:
    found = client.get(f"/v1/statements/{PERIOD}").json()["sections"]
    return next(one for one in found if one["number"] == number)


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


def test_an_account_is_paid_by_its_statement_and_the_next_one_says_so(world: World) -> None:
    with world.client("post") as post, world.client("officer") as officer:
        account = {
            "number": "STATED-ACCOUNT",
            "party": own_party(post),
            "way": "deferred",
            "currency_code": "EUR",
            "limit_amount": "500.00",
        }
        opened = officer.post("/v1/payment-accounts", json=account)
        case_id = declare(post, "STATED-ON-ACCOUNT")
        charges = post.get(f"/v1/cases/{case_id}/charges").json()["owed"]
        owed = sum((Decimal(one["amount"]) for one in charges if one["due"] == "border"), Decimal())
        put = {"reference": "STATED-1", "kind": "on-account", "account": "STATED-ACCOUNT"}
        done = post.post(
            f"/v1/cases/{case_id}/payment-records",
            json={**put, "currency_code": "EUR", "amount": f"{owed:f}"},
        )
        before = section_of(post, "STATED-ACCOUNT")
        page = post.get(f"/statement/{PERIOD}", headers=HTML).text
        reference = read_reference(before["payment_advice"]["creditor_reference"])
        assert reference is not None
        told = statement_of(round(owed * 100), reference, "ST-1")
        paid = officer.post("/v1/bank-statements", content=told, headers=XML)
        after = section_of(post, "STATED-ACCOUNT")

    assert (opened.status_code, done.status_code, paid.status_code) == (201, 200, 200), opened.text
    assert (before["account"], Decimal(before["closing_amount"])) == ("deferred-payments", owed)
    assert before["payment_advice"]["creditor_reference"] in page
    assert Decimal(after["closing_amount"]) == 0
    assert after["payment_advice"] is None
    assert [Decimal(line["amount"]) for line in after["lines"]] == [owed, -owed]


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


@pytest.mark.parametrize(
    ("language", "words"), [("ar", "\u0627\u0644\u0645\u0628\u0644\u063a"), ("zh", "\u91d1\u989d")]
)
async def test_a_document_is_set_in_letters_of_its_language_or_says_which_font_is_missing(
    language: str, words: str
) -> None:
    document = Document(words, language, [], [], [])
    families = frozenset(typst.Fonts().families())

    with pytest.raises(SeraiError) as missing:
        fonts_of(language, {"Libertinus Serif"})
    try:
        (font, *_) = fonts_of(language, families)
    except SeraiError:
        pytest.skip("this machine has no font for it")
    content = await make_pdf(document)

    assert font.replace(" ", "").encode() in content.replace(b" ", b"")
    assert missing.value.code == "pdf-font-missing"
    assert "fonts-" in str(missing.value.next_step)
    assert fonts_of("fr", set()) == []


def test_a_hearing_about_what_is_owed_stops_its_limitation_period(world: World) -> None:
    with world.client("post") as post, world.client("officer") as officer:
        case_id = declare(
            post, "HEARD-ABOUT", accepted_at="2026-07-05T10:00:00Z", house_document="HEARD-ABOUT"
        )
        landed = {"reference": "HA-0", "arrived_at": "2026-07-06T10:00:00Z", "house_document": "HEARD-ABOUT"}
        assert post.post("/v1/arrivals", json=landed).status_code == 201
        acts = f"/v1/cases/{case_id}/acts"
        goods = {
            "currency_code": "EUR",
            "amount": "40.00",
            "reason": "Sold at 40 elsewhere.",
        }
        meant = {"reference": "HA-1", "kind": "hearing-opened", "reason_code": "value-doubtful"}
        before = _duty_of(post, case_id)
        opened = officer.post(acts, json={**meant, "intended_kind": "value-determined", **goods})
        assert opened.status_code == 201, opened.text
        unproven = _duty_of(post, case_id)
        known = {"reference": "HA-2", "kind": "hearing-notified", "hearing": opened.json()["act_id"]}
        told = post.post(acts, json=known)
        assert told.status_code == 201, told.text
        during = _duty_of(post, case_id)

    assert [one["limitation_suspensions"] for one in (before, unproven)] == [[], []]
    assert before["limited_on"] is not None
    (stopped,) = during["limitation_suspensions"]
    assert (stopped["by"], stopped["to_on"]) == ("hearing", None)
    assert stopped["law_reference"].endswith("103(3)(b)")
    assert during["limited_on"] is None, "the period stands still"


def _duty_of(client: httpx2.Client, case_id: str) -> dict[str, Any]:
    owed = client.get("/v1/amounts-payable").json()["charges"]
    return next(one for one in owed if one["case_id"] == case_id and one["kind"] == "duty")


def test_a_remission_that_is_taken_back_leaves_the_time_of_its_application_out(world: World) -> None:
    with world.client("post") as post, world.client("officer") as officer:
        case_id = declare(post, "PAID-BACK", accepted_at="2026-07-05T10:00:00Z", house_document="PAID-BACK")
        landed = {"reference": "PB-0", "arrived_at": "2026-07-06T10:00:00Z", "house_document": "PAID-BACK"}
        assert post.post("/v1/arrivals", json=landed).status_code == 201
        ((consignment,),) = rows(
            world.dsn, "SELECT consignment_id FROM consignment WHERE case_id = %s", parse_id(case_id)
        )
        before = _duty_of(post, case_id)
        asks = {
            "reference": "PB-2",
            "ground": "error",
            "consignment": format_id(consignment),
            "reason": "An error.",
        }
        asked = post.post(f"/v1/cases/{case_id}/repayment-requests", json=asks)
        assert asked.status_code == 200, asked.text
        grants = {
            "reference": "PB-3",
            "request": asked.json()["act_id"],
            "is_granted": True,
            "reason": "Yes.",
        }
        granted = officer.post(f"/v1/cases/{case_id}/repayment-decisions", json=grants)
        assert granted.status_code == 200, granted.text
        back = {"reference": "PB-4", "kind": "reversal", "reverses": granted.json()["act_id"]}
        back |= {"reason_code": "entered-in-error", "reason": "Granted for another parcel."}
        reinstated = officer.post(f"/v1/cases/{case_id}/acts", json=back)
        assert reinstated.status_code == 201, reinstated.text
        after = _duty_of(post, case_id)

    assert before["limitation_suspensions"] == []
    (stopped,) = after["limitation_suspensions"]
    assert (stopped["by"], stopped["from_on"]) == ("reinstatement", stopped["to_on"]), (
        "asked and granted today"
    )
    assert "103(4)" in stopped["law_reference"]
    assert after["limited_on"] == before["limited_on"], "no whole day"
