"""What a payer is told over HTTP and on pages, and the bank's answer: told, paid, released from the debt."""

import httpx2
import pytest

from serai.formats.iso20022.message import BankMessage, Statement
from serai.formats.iso20022.write_statement import write_bank_message
from serai.model.creditor_reference import read_reference
from tests.formats.iso20022.messages import AT, OWN, entry, transaction
from tests.journey.cases.world import World, parcel

XML = {"content-type": "application/xml"}


def statement_of(amount_minor: int, reference: str, number: str) -> bytes:
    one = transaction(amount_minor, f"E2E-{number}", creditor_reference=reference)
    statement = Statement(
        pointer="",
        identification=f"HTTP-{number}",
        account=OWN,
        created_at=AT,
        entries=(entry(amount_minor, number, one),),
    )
    message = BankMessage(
        message="camt.054", version=8, identification=f"M-{number}", created_at=AT, statements=(statement,)
    )
    return write_bank_message(message)


def declare(client: httpx2.Client, reference: str) -> str:
    """File a parcel without a scheme, on which tax is due at the border."""
    sent = parcel(reference, additional_fiscal_references=[], scheme_kind_code=None)
    answer = client.post("/v1/declarations", json={k: v for k, v in sent.items() if v is not None})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


def test_who_owes_is_told_how_to_pay_and_the_bank_tells_that_it_was(world: World) -> None:
    with world.client("post") as post, world.client("officer") as officer:
        case_id = declare(post, "PAY-BY-REFERENCE")
        before = post.get(f"/v1/cases/{case_id}/charges").json()
        (owed,) = [one for one in before["owed"] if one["due"] == "border" and one["currency_code"] == "EUR"]
        advice = before["payment_advice"]
        reference = read_reference(advice["creditor_reference"])
        assert reference is not None
        content = statement_of(round(float(owed["amount"]) * 100), reference, "H-1")

        refused = post.post("/v1/bank-statements", content=content, headers=XML)
        done = officer.post("/v1/bank-statements", content=content, headers=XML)
        unread = officer.post("/v1/bank-statements", content=content[:300], headers=XML)
        after = post.get(f"/v1/cases/{case_id}/charges").json()

    assert (advice["payee"], advice["account"]) == ("Testland Customs", OWN.iban)
    assert refused.status_code == 403
    assert done.json()["statements"][0]["outcomes"] == {"paid": 1}
    assert (unread.status_code, unread.json()["code"]) == (400, "statement-unreadable")
    assert [one for one in after["owed"] if one["due"] == "border"] == []
    assert "payment_advice" not in after or after["payment_advice"] is None


def test_what_pays_nothing_is_listed_with_its_reason_and_the_next_step(world: World) -> None:
    with world.client("officer") as officer:
        officer.post("/v1/bank-statements", content=statement_of(321, "", "H-2"), headers=XML)
        found = officer.get("/v1/bank-movements", params={"limit": 1000}).json()["movements"]

    (one,) = [one for one in found if one["amount"] == "3.21"]
    assert one["outcome"] == "no-reference"
    assert one["next_step"]


@pytest.mark.parametrize("party", ["platform", "rival", "payer"])
def test_nobody_but_the_administration_reads_or_books_money(world: World, party: str) -> None:
    with world.client(party) as client:
        answers = [
            client.get("/v1/bank-movements"),
            client.post("/v1/bank-statements", content=b"<a/>", headers=XML),
        ]

    assert [one.status_code for one in answers] == [403, 403]


def test_the_code_for_a_bank_app_says_what_the_page_says(world: World) -> None:
    with world.client("post") as post:
        case_id = declare(post, "PAY-ON-PAGE")
        page = post.get(f"/parcels/{case_id}").text
        advice = post.get(f"/v1/cases/{case_id}").json()["payment_advice"]

    assert advice["creditor_reference"] in page
    assert advice["account"] in page
    assert "<svg" in page
