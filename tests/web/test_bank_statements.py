"""What a payer is told over HTTP and on pages, and the bank's answer: told, paid, released from the debt."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from serai.formats.iso20022.message import BankMessage, Statement
from serai.formats.iso20022.write_statement import write_bank_message
from serai.model.creditor_reference import read_reference
from serai.model.ledger import KIND_PLACES
from tests.formats.iso20022.messages import AT, OWN, entry, transaction
from tests.journey.cases.world import World, parcel, rows

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


def declare(client: httpx2.Client, reference: str, **changes: Any) -> str:
    """File a parcel without a scheme, on which tax is due at the border."""
    sent = parcel(reference, additional_fiscal_references=[], scheme_kind_code=None, **changes)
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


def waiting(office: httpx2.Client, amount: str) -> str:
    """Return the number of the movement that waits with an amount."""
    found = office.get("/v1/bank-movements", params={"limit": 1000}).json()["movements"]
    (number,) = [one["movement"] for one in found if one["amount"] == amount]
    return str(number)


def test_an_officer_books_by_hand_what_waits_once(world: World) -> None:
    with world.client("post") as post, world.client("officer") as office, world.client("rival") as rival:
        case, other = declare(post, "BY-HAND"), declare(post, "BY-HAND-ELSE")
        owed = [one["amount"] for one in post.get(f"/v1/cases/{case}/charges").json()["owed"]]
        for number, minor in (("H-20", round(float(owed[0]) * 100)), ("H-21", -777)):
            content = statement_of(minor, "", number)
            office.post("/v1/bank-statements", content=content, headers=XML).raise_for_status()
        movement, gone = waiting(office, owed[0]), waiting(office, "-7.77")
        path, said = f"/v1/bank-movements/{movement}/matching", {"case_id": case, "reason": "He told us."}

        stranger = rival.post(path, json=said)
        nowhere = office.post(path, json=said | {"case_id": "0713-P6XH-4000-1A"})
        outgoing = office.post(f"/v1/bank-movements/{gone}/matching", json=said)
        with ThreadPoolExecutor(4) as threads:
            at_once = list(threads.map(lambda _: office.post(path, json=said), range(4)))
        elsewhere = office.post(path, json=said | {"case_id": other})
        left = office.get("/v1/bank-movements", params={"limit": 1000}).json()["movements"]
        charges = post.get(f"/v1/cases/{case}/charges").json()

    assert (stranger.status_code, nowhere.status_code) == (403, 404)
    assert (outgoing.status_code, outgoing.json()["code"]) == (422, "movement-not-a-payment")
    assert {one.status_code for one in at_once} == {200}
    assert len({one.json()["act_id"] for one in at_once}) == 1
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "movement-matched-already")
    assert movement not in [one["movement"] for one in left]
    assert [one for one in charges["owed"] if one["due"] == "border"] == []
    suspense = rows(
        world.dsn,
        "SELECT sum(amount_minor)::bigint FROM ledger_entry JOIN ledger_account USING (account_id)"
        " WHERE kind = %s",
        KIND_PLACES["suspense"],
    )
    waits = rows(world.dsn, "SELECT -sum(amount_minor)::bigint FROM bank_movement WHERE act_id IS NULL")
    assert suspense == waits
