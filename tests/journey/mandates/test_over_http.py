"""Mandates over HTTP: granted, seen by both parties and nobody else, used, revoked."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from serai.foundation.id_text import format_id
from tests.journey.cases.world import PARTIES, World
from tests.journey.processing import support

TO_PAYER = {"grantee_identifier": "INVENTED-PAYMENTS", "document_kinds": ["payment"]}


@pytest.fixture(autouse=True)
def without_mandates(world: World) -> None:
    """No mandate of an earlier test lets anything in, whatever the order of the tests."""
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM mandate")


def render(world: World, party: str, path: str, body: Any = None) -> tuple[int, Any]:
    with world.client(party) as client:
        answer = client.get(path) if body is None else client.post(path, json=body)
    return answer.status_code, answer.json()


def grant(world: World, party: str, reference: str, **changes: Any) -> str:
    """Grant a mandate; returns its id."""
    status, made = render(world, party, "/v1/mandates", {"reference": reference, **TO_PAYER, **changes})
    assert status == 201, made
    return str(made["mandate_id"])


def revoke(world: World, party: str, mandate_id: str) -> tuple[int, Any]:
    return render(world, party, f"/v1/mandates/{mandate_id}/revocation", {})


def declare(world: World, name: str, **changes: Any) -> str:
    declared = support.parcel(name, platform_id="INVENTED-MARKET", detail=None, **changes)
    status, answer = render(world, "rival", "/v1/declarations", declared)
    assert status == 201
    return str(answer["case_id"])


def standing(world: World, party: str, path: str) -> tuple[str, str]:
    _, answer = render(world, party, path)
    return answer["status"], answer["reason"]["code"]


def test_both_parties_see_a_mandate_and_nobody_else(world: World) -> None:
    mandate_id = grant(world, "platform", "SEEN", acts=["payment-record"], accounts=["A-1"])

    for party in ("platform", "payer"):
        status, read = render(world, party, f"/v1/mandates/{mandate_id}")
        assert (status, read["status"], read["accounts"]) == (200, "in-force", ["A-1"])
        assert (read["grantor"]["name"], read["grantee"]["name"]) == ("platform", "payer")
        assert mandate_id in {
            one["mandate_id"] for one in render(world, party, "/v1/mandates")[1]["mandates"]
        }
    for party in ("seller", "rival"):
        other = render(world, party, f"/v1/mandates/{mandate_id}")[1]
        nobodys = render(world, party, "/v1/mandates/0001-0000-0000-00")[1]
        assert render(world, party, f"/v1/mandates/{mandate_id}")[0] == 404
        assert other["code"] == "not-found"
        assert nobodys["status"] in (400, 404)
        assert render(world, party, "/v1/mandates")[1]["mandates"] == []
    revoke(world, "platform", mandate_id)


def test_same_again_is_the_same_and_other_terms_are_refused(world: World) -> None:
    body = {"reference": "AGAIN", **TO_PAYER}

    first, again = (
        render(world, "seller", "/v1/mandates", body),
        render(world, "seller", "/v1/mandates", body),
    )
    other = render(world, "seller", "/v1/mandates", {**body, "document_kinds": ["order"]})

    assert (first[0], again[0], other[0]) == (201, 200, 409)
    assert first[1]["mandate_id"] == again[1]["mandate_id"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document_kinds": []}, "mandate-faulty"),
        ({"grantee_identifier": "INVENTED-NOBODY"}, "grantee-unknown"),
        ({"grantee_identifier": "INVENTED-MARKET"}, "mandate-faulty"),
        ({"valid_from": "2026-07-01T00:00:00Z", "valid_to": "2026-07-01T00:00:00Z"}, "mandate-faulty"),
    ],
)
def test_faulty_mandate_is_refused(world: World, changes: dict[str, Any], code: str) -> None:
    status, answer = render(world, "platform", "/v1/mandates", {"reference": "FAULTY", **TO_PAYER, **changes})

    assert (status, answer["code"]) == (422, code)


def test_what_waits_counts_as_soon_as_a_mandate_comes(world: World) -> None:
    case = declare(world, "late-mandate")
    _, paid = render(world, "payer", "/v1/payments", support.payment("late-mandate"))
    before = standing(world, "payer", "/v1/payments/PAYMENT-late-mandate")

    mandate_id = grant(world, "platform", "LATE")

    after = standing(world, "payer", "/v1/payments/PAYMENT-late-mandate")
    _, read = render(world, "payer", f"/v1/cases/{case}")
    assert (paid.get("case_id"), before) == (None, ("waiting", "not-let-in-yet"))
    assert after == ("confirmed", "by-mandate")
    assert read["case_id"] == case
    revoke(world, "platform", mandate_id)


def test_what_waits_counts_as_soon_as_a_declaration_names_its_sender(world: World) -> None:
    render(world, "platform", "/v1/orders", support.order("late", platform_id="INVENTED-MARKET"))
    render(world, "payer", "/v1/payments", support.payment("late"))

    declare(world, "late")

    assert standing(world, "platform", "/v1/orders/ORDER-late") == ("confirmed", "named")
    assert standing(world, "payer", "/v1/payments/PAYMENT-late") == ("confirmed", "named")


def test_revocation_counts_from_its_instant_and_only_the_grantor_revokes(world: World) -> None:
    mandate_id = grant(world, "platform", "REVOKED")
    declare(world, "before")
    declare(world, "after")
    render(world, "payer", "/v1/payments", support.payment("before"))

    by_grantee = revoke(world, "payer", mandate_id)
    by_stranger = revoke(world, "rival", mandate_id)
    revoked = revoke(world, "platform", mandate_id)
    again = revoke(world, "platform", mandate_id)
    render(world, "payer", "/v1/payments", support.payment("after"))

    assert (by_grantee[0], by_stranger[0], revoked[0]) == (403, 404, 200)
    assert revoked[1]["status"] == again[1]["status"] == "revoked"
    assert revoked[1]["revoked_at"] == again[1]["revoked_at"]
    assert standing(world, "payer", "/v1/payments/PAYMENT-before") == ("confirmed", "by-mandate")
    assert standing(world, "payer", "/v1/payments/PAYMENT-after") == ("waiting", "not-let-in-yet")


def test_mandate_that_has_ended_or_not_begun_lets_nothing_in(world: World) -> None:
    now = datetime.now(UTC)
    ended = {
        "valid_from": (now - timedelta(days=2)).isoformat(),
        "valid_to": (now - timedelta(1)).isoformat(),
    }
    grant(world, "platform", "ENDED", **ended)
    grant(world, "platform", "NOT-YET", valid_from=(now + timedelta(days=1)).isoformat())
    declare(world, "out-of-time")

    render(world, "payer", "/v1/payments", support.payment("out-of-time"))

    assert standing(world, "payer", "/v1/payments/PAYMENT-out-of-time")[0] == "waiting"
    listed = render(world, "platform", "/v1/mandates")[1]["mandates"]
    said = {one["reference"]: one["status"] for one in listed}
    assert (said["ENDED"], said["NOT-YET"]) == ("ended", "not-yet")


def test_who_declares_for_a_party_keeps_its_documents_from_other_declarants(world: World) -> None:
    mandate_id = grant(
        world,
        "platform",
        "DECLARES",
        document_kinds=["declaration"],
        grantee_identifier="INVENTED-PAYMENTS",
    )
    render(world, "platform", "/v1/orders", support.order("kept", platform_id="INVENTED-MARKET"))

    case = declare(world, "kept")

    assert standing(world, "platform", "/v1/orders/ORDER-kept")[0] == "waiting"
    _, read = render(world, "rival", f"/v1/cases/{case}")
    assert {one["kind"] for one in read["documents"]} == {"declaration"}
    revoke(world, "platform", mandate_id)


def test_mandate_for_marks_lets_its_holder_mark_and_no_more(world: World) -> None:
    case = declare(world, "marked")
    mark = {"reference": "M-marked", "kind": "paid", "currency_code": "EUR", "amount": "1.00"}
    path = f"/v1/cases/{case}/payment-records"
    before = render(world, "payer", path, mark)

    grant(world, "platform", "NOT-ITS-DEBT", document_kinds=[], acts=["payment-record"])
    of_platform = render(world, "payer", path, mark)
    grant(world, "rival", "MARKS", document_kinds=[], acts=["payment-record"])
    marked = render(world, "payer", path, mark)

    assert (before[0], marked[0]) == (404, 200), json.dumps(marked[1])
    assert of_platform[1]["code"] == "payment-record-not-authorised", "it is the declarant who owes"
    assert render(world, "payer", f"/v1/cases/{case}")[0] == 404, "it reads no more than the answer"


def test_an_account_is_used_under_a_mandate_that_names_it(world: World) -> None:
    case = declare(world, "account")
    path = f"/v1/cases/{case}/payment-records"
    mark = {"kind": "on-account", "currency_code": "EUR", "amount": "1.00"}
    for number in ("A-1", "A-2"):
        account = {"number": number, "party": format_id(PARTIES["rival"][0]), "way": "deferred"}
        terms = {**account, "currency_code": "EUR", "limit_amount": "50.00"}
        assert render(world, "officer", "/v1/payment-accounts", terms)[0] in (200, 201)
    grant(world, "rival", "OVER-A", document_kinds=[], acts=["payment-record"], accounts=["A-1"])

    answers = {
        str(account): render(world, "payer", path, {**mark, "reference": f"M-{account}", "account": account})
        for account in ("A-2", None, "A-1")
    }

    assert {account: status for account, (status, _) in answers.items()} == {
        # As if there were none: it is not lent.
        "A-2": 422,
        "None": 403,
        "A-1": 200,
    }


def test_a_part_in_the_case_gives_no_word_about_its_money(world: World) -> None:
    """Whoever had a document in the case marked its charges paid, and the parcel was released."""
    case = declare(world, "no-word")
    grant(world, "platform", "PART")
    render(world, "payer", "/v1/payments", support.payment("no-word"))
    mark = {"reference": "M-no-word", "kind": "paid", "currency_code": "EUR", "amount": "100.00"}

    refused = render(world, "payer", f"/v1/cases/{case}/payment-records", mark)

    assert render(world, "payer", f"/v1/cases/{case}")[0] == 200, "it has a part in it"
    assert (refused[0], refused[1]["code"]) == (403, "payment-record-not-authorised")
