"""Six ways in which what is owed is collected, each from the declaration to the release and into the books,
to the cent; and those who would pay with what is not theirs."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.ledger.tie_out import tie_out
from serai.model.creditor_reference import read_reference
from serai.model.frames import STATUSES
from serai.model.ledger import ACCOUNT_KINDS, PHASES
from tests.journey.cases.world import PARTIES, SCHEME_NUMBER, World, rows, running_world, wait_for_law
from tests.journey.cases.world import parcel as under_scheme
from tests.journey.processing import support
from tests.web.test_bank_statements import XML, statement_of

DUE = "8.32"
"""Duty and tax on the parcel of these stories."""
ENOUGH = "100.00"


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(world_database, tmp_path_factory.mktemp("models")) as running:
        with running.client("officer") as office:
            register = f"kind,number,valid_from,valid_to\nIOSS,{SCHEME_NUMBER},2021-07-01,\n"
            listed = office.post(
                "/v1/lists/scheme-register",
                params={"name": "invented.csv"},
                content=register.encode(),
                headers={"content-type": "text/csv"},
            )
            assert listed.status_code == 201, listed.text
        wait_for_law(running, listed.json()["generation"])
        yield running


@pytest.fixture(autouse=True)
def ties_out(world: World) -> Iterator[None]:
    """After each story the books agree with what is stored: as `serai ledger check` says."""
    yield

    async def held() -> Any:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await tie_out(connection, administration_id=1)

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
        found = thread.submit(lambda: asyncio.run(held())).result()
    assert found.differences == []


def ask(world: World, party: str, path: str, body: Any = None) -> tuple[int, Any]:
    with world.client(party) as client:
        answer: httpx2.Response = client.get(path) if body is None else client.post(path, json=body)
    return answer.status_code, answer.json()


def party_number(party: str) -> str:
    return format_id(PARTIES[party][0])


def open_account(world: World, party: str, number: str, way: str, limit: str | None = None) -> str:
    """Open an account; return the reference under which it is paid into."""
    terms = {"number": number, "party": party_number(party), "way": way, "currency_code": "EUR"}
    status, made = ask(
        world, "officer", "/v1/payment-accounts", terms | ({} if limit is None else {"limit_amount": limit})
    )
    assert status == 201, made
    return str(made["creditor_reference"])


def declare(world: World, name: str, *, by: str = "post", **changes: Any) -> str:
    """Declare a parcel, let its order and its landing be told; return its case."""
    sent = support.parcel(name, platform_id="INVENTED-MARKET", detail=None, **changes)
    status, declared = ask(world, by, "/v1/declarations", sent)
    assert status == 201, declared
    ordered = support.order(name, platform_id="INVENTED-MARKET")
    assert ask(world, "platform", "/v1/orders", ordered)[0] == 201
    assert ask(world, by, "/v1/arrivals", support.arrival(name))[0] == 201
    return str(declared["case_id"])


def put_on(
    world: World, party: str, case: str, account: str | None, amount: str = DUE, **changes: Any
) -> Any:
    mark = {
        "reference": f"PUT-{case}-{account}",
        "kind": "on-account",
        "currency_code": "EUR",
        "amount": amount,
        **({} if account is None else {"account": account}),
        **changes,
    }
    status, done = ask(world, party, f"/v1/cases/{case}/payment-records", mark)
    return done if status == 200 else (status, done["code"])


def pay_in(world: World, reference: str, amount: str, number: str) -> dict[str, int]:
    """Let the bank tell of a transfer; return what it came to."""
    content = statement_of(round(float(amount) * 100), str(read_reference(reference)), number)
    with world.client("officer") as office:
        done = office.post("/v1/bank-statements", content=content, headers=XML)
    assert done.status_code == 200, done.text
    outcomes: dict[str, int] = done.json()["statements"][0]["outcomes"]
    return outcomes


def status_of(world: World, name: str) -> str:
    ((status,),) = rows(world.dsn, "SELECT status FROM consignment WHERE reference = %s", f"D-{name}")
    return STATUSES[status]


def books(world: World) -> Counter[tuple[str, str]]:
    """What stands on all accounts of each kind in euros, minor units."""
    found = rows(
        world.dsn,
        "SELECT kind, phase, sum(amount_minor)::bigint FROM ledger_entry"
        " JOIN ledger_account USING (account_id) WHERE currency_code = 'EUR' GROUP BY kind, phase",
    )
    return Counter({(ACCOUNT_KINDS[kind].code, PHASES[phase]): amount for kind, phase, amount in found})


def since(world: World, before: Counter[tuple[str, str]]) -> dict[str, int]:
    """What was posted since; nothing stays pending of what was released."""
    now = books(world)
    now.subtract(before)
    assert not any(amount for (_, phase), amount in now.items() if phase == "pending")
    return {kind: amount for (kind, _), amount in now.items() if amount}


def cents(amount: str) -> int:
    return round(float(amount) * 100)


def test_a_deferred_account_pays_at_once_and_is_settled_by_its_statement(world: World) -> None:
    reference = open_account(world, "post", "DPO-1", "deferred", "10.00")
    before = books(world)
    case = declare(world, "deferred")
    waiting = status_of(world, "deferred")

    done = put_on(world, "post", case, "DPO-1")
    again = put_on(world, "post", case, "DPO-1")
    full = put_on(world, "post", case, "DPO-1", "2.00", reference="FULL")

    assert waiting == "payment-due"
    assert (done["status"], again["act_id"]) == ("settled", done["act_id"])
    assert full == (409, "payment-account-exhausted")
    assert status_of(world, "deferred") == "released"
    _, statement = ask(world, "post", "/v1/payment-accounts/DPO-1")
    assert (statement["opening_amount"], statement["due_amount"]) == ("0.00", DUE)
    assert [(one["case_id"], one["amount"]) for one in statement["movements"]] == [(case, DUE)]
    assert since(world, before) == {"revenue": -cents(DUE), "deferred-payments": cents(DUE)}

    assert pay_in(world, reference, DUE, "DPO-PAID") == {"account-paid": 1}

    assert since(world, before) == {"revenue": -cents(DUE), "bank": cents(DUE)}
    assert ask(world, "post", "/v1/payment-accounts/DPO-1")[1]["due_amount"] == "0.00"


def test_a_prepaid_account_pays_with_what_lies_on_it_and_no_more(world: World) -> None:
    reference = open_account(world, "post", "PRE-1", "prepaid")
    before = books(world)
    case = declare(world, "prepaid")

    empty = put_on(world, "post", case, "PRE-1")
    paid_in = pay_in(world, reference, "20.00", "PRE-IN")
    done = put_on(world, "post", case, "PRE-1")

    assert (empty, paid_in, done["status"]) == (
        (409, "payment-account-exhausted"),
        {"account-paid": 1},
        "settled",
    )
    assert status_of(world, "prepaid") == "released"
    account = ask(world, "post", "/v1/payment-accounts/PRE-1")[1]["account"]
    assert (account["open_amount"], account["available_amount"]) == ("-11.68", "11.68")
    assert since(world, before) == {"revenue": -cents(DUE), "bank": 2000, "prepayments": cents(DUE) - 2000}


def test_what_was_charged_at_sale_comes_with_the_monthly_return_of_a_scheme(world: World) -> None:
    reference = open_account(world, "platform", "RETURN-1", "scheme")
    before = books(world)
    cited = {"role": "FR5", "identification_number": SCHEME_NUMBER}
    sent = under_scheme("D-at-sale", scheme_kind_code="IOSS", additional_fiscal_references=[cited])
    _, declared = ask(world, "post", "/v1/declarations", sent)
    arrived = support.arrival("at-sale", conveyance_reference=sent["conveyance_reference"])
    ask(world, "post", "/v1/arrivals", arrived)
    at_sale = cents(declared["decision"]["totals"]["due_at_sale_amount"])
    at_border = cents(declared["decision"]["totals"]["due_at_border_amount"])

    none = put_on(world, "platform", declared["case_id"], "RETURN-1", "1.00")
    paid_in = pay_in(world, reference, f"{at_sale / 100:.2f}", "RETURN-IN")

    assert at_sale > 0
    assert none == (422, "payment-account-closed"), "nothing is put on the account of a return"
    assert paid_in == {"account-paid": 1}
    moved = since(world, before)
    assert (moved["scheme-returns"], moved["returns-paid"], moved["bank"]) == (at_sale, -at_sale, at_sale)
    assert moved["revenue"] == -at_sale - at_border


def test_a_carrier_advances_and_recovers_from_the_buyer_apart_from_its_fee(world: World) -> None:
    open_account(world, "rival", "ADV-1", "advance", "50.00")
    before = books(world)
    case = declare(world, "advanced", by="rival")
    paid = put_on(world, "rival", case, "ADV-1")
    said = {
        "reference": "BORNE-1",
        "payment": paid["act_id"],
        "bearer_name": "Invented Person 1",
        "bearer_postcode": "10115",
        "bearer_country_code": "DE",
        "currency_code": "EUR",
        "amount": DUE,
        "fee_amount": "6.00",
    }
    path = f"/v1/cases/{case}/bearing-declarations"

    first, again = ask(world, "rival", path, said), ask(world, "rival", path, said)
    more = ask(world, "rival", path, said | {"reference": "BORNE-2", "amount": "0.01"})
    other = ask(world, "rival", path, said | {"reference": "BORNE-1", "fee_amount": "7.00"})
    stranger = ask(world, "post", path, said)
    platform = ask(world, "platform", path, said | {"reference": "BORNE-3"})

    assert status_of(world, "advanced") == "released"
    assert (first[0], again[1]["act_id"]) == (201, first[1]["act_id"])
    assert (more[0], more[1]["code"]) == (422, "bearing-exceeds-payment")
    assert (other[0], other[1]["code"]) == (409, "reference-reused")
    assert (stranger[0], platform[0]) == (404, 404)
    # The fee is in no account of the administration.
    assert since(world, before) == {"revenue": -cents(DUE), "advances": cents(DUE)}
    ((parameters,),) = rows(world.dsn, "SELECT parameters::text FROM act WHERE kind = 'bearing-declared'")
    assert "Invented" not in parameters
    assert '"fee_minor": 600' in parameters

    back = {"reference": "UNBORNE", "kind": "reversal", "reverses": first[1]["act_id"], "reason_code": "slip"}
    assert ask(world, "rival", f"/v1/cases/{case}/acts", back)[0] == 201
    assert ask(world, "rival", path, said | {"reference": "BORNE-4"})[0] == 201


def test_a_platform_settles_what_its_sale_owes_though_it_declared_nothing(world: World) -> None:
    open_account(world, "platform", "SET-1", "settlement", "50.00")
    before = books(world)
    case = declare(world, "settled")

    word = put_on(world, "platform", case, None, kind="paid")
    done = put_on(world, "platform", case, "SET-1")

    assert word == (403, "payment-record-not-authorised"), "a word without an account of its own"
    assert done["status"] == "settled"
    assert status_of(world, "settled") == "released"
    assert since(world, before) == {"revenue": -cents(DUE), "settlements": cents(DUE)}
    assert rows(
        world.dsn,
        "SELECT party_id FROM ledger_account WHERE number = 'SET-1'",
    ) == [(PARTIES["platform"][0],)]

    back = {"reference": "UNSET", "kind": "reversal", "reverses": done["act_id"], "reason_code": "slip"}
    assert ask(world, "platform", f"/v1/cases/{case}/acts", back)[0] == 201
    assert ask(world, "platform", "/v1/payment-accounts/SET-1")[1]["account"]["open_amount"] == "0.00"
    assert since(world, before) == {"revenue": -cents(DUE), "amounts-payable": cents(DUE)}


def test_a_buyer_pays_by_the_reference_of_the_case(world: World) -> None:
    before = books(world)
    case = declare(world, "by-reference")
    advice = ask(world, "post", f"/v1/cases/{case}/charges")[1]["payment_advice"]

    assert pay_in(world, advice["creditor_reference"], DUE, "BY-REF") == {"paid": 1}

    assert status_of(world, "by-reference") == "released"
    assert since(world, before) == {"revenue": -cents(DUE), "bank": cents(DUE)}


def test_nobody_pays_with_what_is_not_theirs(world: World) -> None:
    open_account(world, "rival", "THEIRS", "deferred", ENOUGH)
    open_account(world, "post", "CLOSED", "deferred", ENOUGH)
    assert ask(world, "officer", "/v1/payment-accounts/CLOSED/closure", {})[1]["closed_at"]
    yen = {"number": "YEN", "party": party_number("post"), "way": "deferred", "currency_code": "JPY"}
    assert ask(world, "officer", "/v1/payment-accounts", yen | {"limit_amount": "900"})[0] == 201
    case = declare(world, "attacked")
    before = books(world)

    answers = {
        "another's": put_on(world, "post", case, "THEIRS"),
        "nobody's": put_on(world, "post", case, "NOBODYS"),
        "closed": put_on(world, "post", case, "CLOSED"),
        "other currency": put_on(world, "post", case, "YEN"),
        "a stranger to the case": put_on(world, "rival", case, "THEIRS"),
        "the provider, of an order that it has no part in": put_on(world, "payer", case, None, kind="paid"),
        "a word over an account": put_on(world, "post", case, "THEIRS", kind="paid"),
        "security without a guarantee": put_on(world, "post", case, None, kind="secured"),
        "nobody reads another's": ask(world, "post", "/v1/payment-accounts/THEIRS")[0],
        "nor opens": ask(world, "post", "/v1/payment-accounts", yen)[0],
        "nor closes": ask(world, "post", "/v1/payment-accounts/THEIRS/closure", {})[0],
    }

    assert answers == {
        "another's": (422, "payment-account-unknown"),
        "nobody's": (422, "payment-account-unknown"),
        "closed": (422, "payment-account-closed"),
        "other currency": (422, "payment-account-currency-differs"),
        "a stranger to the case": (404, "not-found"),
        "the provider, of an order that it has no part in": (404, "not-found"),
        "a word over an account": (422, "mark-faulty"),
        "security without a guarantee": (422, "mark-faulty"),
        "nobody reads another's": 404,
        "nor opens": 403,
        "nor closes": 403,
    }
    assert status_of(world, "attacked") == "payment-due"
    assert since(world, before) == {}
    faulty = [
        {"way": "prepaid", "limit_amount": "1.00"},
        {"way": "deferred"},
        {"way": "settlement", "limit_amount": "1.00"},
    ]
    for terms in faulty:
        body = {"number": "FAULTY", "party": party_number("post"), "currency_code": "EUR", **terms}
        status, answer = ask(world, "officer", "/v1/payment-accounts", body)
        assert (status, answer["code"]) == (422, "payment-account-faulty")


def test_an_account_is_used_under_a_mandate_of_its_owner(world: World) -> None:
    open_account(world, "rival", "LENT", "deferred", ENOUGH)
    case = declare(world, "lent")
    before = put_on(world, "post", case, "LENT")
    grant = {
        "reference": "LEND",
        "grantee_identifier": "INVENTED-POST",
        "acts": ["payment-record"],
        "accounts": ["LENT"],
    }
    assert ask(world, "rival", "/v1/mandates", grant)[0] == 201

    done = put_on(world, "post", case, "LENT", reference="LENT-2")

    assert before == (422, "payment-account-unknown")
    assert done["status"] == "settled"
    account = ask(world, "rival", "/v1/payment-accounts/LENT")[1]["account"]
    assert account["open_amount"] == DUE
