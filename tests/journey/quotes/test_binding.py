"""A quote that a declaration cites: when it binds, what is booked, and what is said when it does not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.journey.cases.world import World, file, rows
from tests.journey.quotes.declaring import SHIRT, declaration, declare, in_days, quoted, said
from tests.journey.quotes.world import quoting_world


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with quoting_world(world_database, folder) as running:
        yield running


def test_a_quote_then_declared_gives_the_same_charges_and_is_honoured(world: World) -> None:
    quote = quoted(world)
    answer = declare(world, declaration("HONOURED-1", quote))
    decision = answer["decision"]

    assert set(said(answer)) == {"quote-honoured"}
    assert [one["code"] for one in decision["findings"]] == ["quote-honoured"]
    assert decision["totals"] == quote["totals"]
    assert [one["charges"] for one in decision["goods_items"]] == [
        one["charges"] for one in quote["goods_items"]
    ]


def test_each_unit_is_promised_once_whoever_comes_second(world: World) -> None:
    quote = quoted(world)
    one_shirt = SHIRT | {"quantity": "1", "invoice_amount": "25.00", "gross_mass_kg": "0.150"}
    half = {"goods_items": [one_shirt], "freight_amount": "2.00"}
    first, second, third = (
        declare(world, declaration(f"ONCE-{number}", quote, **half)) for number in range(3)
    )
    again = declare(world, declaration("ONCE-0", quote, **half))

    assert [set(said(one)) for one in (first, second, third)] == [
        {"quote-honoured"},
        {"quote-honoured"},
        {"quote-used-up"},
    ]
    assert again["status"] == "repeated"
    assert _used(world, quote) == [(1, 2_000_000)]


def test_units_come_back_when_a_declaration_is_withdrawn_or_cites_no_more(world: World) -> None:
    quote = quoted(world)
    declare(world, declaration("BACK-1", quote))
    with world.client("post") as client:
        gone = client.post(
            "/v1/declarations/BACK-1/invalidation", json={"expected_version": 1, "reason": "mistake"}
        )
    then = declare(world, declaration("BACK-2", quote))
    amended = declare(
        world, declaration("BACK-2", None, amends_version=1, amendment_reason="cited by mistake")
    )
    last = declare(world, declaration("BACK-3", quote))

    assert gone.status_code == 200, gone.text
    assert set(said(then)) == set(said(last)) == {"quote-honoured"}
    assert said(amended) == {}
    assert _used(world, quote) == [(1, 2_000_000)]
    assert _booked(world, "BACK-2") == []


def test_two_at_one_instant_never_use_the_same_unit(world: World) -> None:
    quotes = [quoted(world) for _ in range(6)]

    def file_one(number: int) -> set[str]:
        quote = quotes[number // 2]
        return set(said(declare(world, declaration(f"RACE-{number}", quote))))

    with ThreadPoolExecutor(12) as threads:
        found = list(threads.map(file_one, range(12)))

    for first, second in zip(found[::2], found[1::2], strict=True):
        assert sorted([*first, *second]) == ["quote-honoured", "quote-used-up"]
    assert all(_used(world, quote) == [(1, 2_000_000)] for quote in quotes)


def test_two_in_one_file_share_the_units_in_its_order(world: World) -> None:
    quote = quoted(world)
    with world.client("post") as client:
        answers = file(client, declaration("FILE-1", quote), declaration("FILE-2", quote), include="text")

    assert [set(said(one)) for one in answers] == [{"quote-honoured"}, {"quote-used-up"}]


@pytest.mark.parametrize(
    ("changes", "term"),
    [
        ({"logistics_channel_code": "express"}, "channel"),
        ({"sale_nature_code": "C2C"}, "sale_nature"),
        ({"dispatch_country_code": "US"}, "dispatch"),
        ({"is_platform_sale": False}, "platform"),
        ({"freight_amount": "40.00"}, "freight"),
        (
            {
                "scheme_kind_code": "IOSS",
                "additional_fiscal_references": [{"role": "FR5", "identification_number": "IM3720000224"}],
            },
            "scheme",
        ),
        ({"goods_items": [SHIRT | {"commodity_code": "61099020"}]}, "commodity"),
        ({"goods_items": [SHIRT | {"origin_country_code": "VN"}]}, "origin"),
        ({"goods_items": [SHIRT | {"quantity": "3", "invoice_amount": "75.00"}]}, "quantity"),
        ({"goods_items": [SHIRT | {"invoice_amount": "51.00"}]}, "value"),
        ({"goods_items": [SHIRT | {"gross_mass_kg": "3.000"}]}, "mass"),
        ({"goods_items": [SHIRT, SHIRT | {"sequence_number": 2}]}, "quantity"),
    ],
)
def test_what_differs_is_told_and_the_law_decides(world: World, changes: dict[str, Any], term: str) -> None:
    quote = quoted(world)
    reference = f"DIFFERS-{term}-{len(changes['goods_items']) if 'goods_items' in changes else 0}"
    answer = declare(world, declaration(reference, quote, **changes))
    plain = declare(world, declaration(f"PLAIN-{reference}", None, **changes))

    assert set(said(answer)) == {"quote-not-binding"}
    assert f"{term}: quoted" in said(answer)["quote-not-binding"]
    assert answer["decision"]["totals"] == plain["decision"]["totals"]
    assert answer["decision"]["lane"] == plain["decision"]["lane"]
    assert _used(world, quote) == []


def test_another_destination_does_not_bind(world: World) -> None:
    quote = quoted(world)
    to = {"name": "Someone", "country_code": "FR", "street": "Rue 1", "city": "Paris", "postcode": "75001"}
    answer = declare(world, declaration("ELSEWHERE-1", quote, consignee=to))

    assert "destination: quoted IE, declared FR" in said(answer)["quote-not-binding"]


def test_within_the_tolerance_the_promise_holds_and_the_difference_is_booked(world: World) -> None:
    dearer = [SHIRT | {"invoice_amount": "50.49", "gross_mass_kg": "0.320"}]
    quote = quoted(world)
    answer = declare(world, declaration("NEAR-1", quote, goods_items=dearer))
    booked = _booked(world, "NEAR-1")

    assert quote["offer"]["value_tolerance_ppm"] == 10_000
    assert set(said(answer)) == {"quote-honoured"}
    assert answer["decision"]["totals"] != quote["totals"]
    ((due, currency, quoted_minor, assessed, difference, covered, account),) = booked
    assert (due, currency, account) == (0, "EUR", "quote-differences")
    assert quoted_minor == round(float(quote["totals"]["due_at_border_amount"]) * 100)
    assert assessed == round(float(answer["decision"]["totals"]["due_at_border_amount"]) * 100)
    assert difference == covered == assessed - quoted_minor > 0
    with world.client("officer") as client:
        (account,) = client.get("/v1/quotes/accounts").json()["accounts"]
    with world.client("post") as client:
        assert client.get("/v1/quotes/accounts").status_code == 403
    assert (account["account"], account["currency_code"]) == ("quote-differences", "EUR")
    assert float(account["difference_amount"]) >= difference / 100
    assert float(account["covered_amount"]) >= covered / 100


def test_the_buyer_pays_what_was_quoted_and_others_what_they_owe(world: World) -> None:
    by_express = {"logistics_channel_code": "express"}
    quote = quoted(world, **by_express)
    dearer = [SHIRT | {"invoice_amount": "50.49"}]
    answer = declare(world, declaration("BUYER-1", quote, goods_items=dearer, **by_express))
    with world.client("post") as client:
        case = client.get(f"/v1/cases/{answer['case_id']}").json()
        cited = client.get(f"/v1/cases/{answer['case_id']}/quotes").json()["quotes"][0]

    promised = dict(_by_debtor(quote))
    assert set(said(answer)) == {"quote-honoured"}
    assert dict(_by_debtor(answer["decision"])) != promised
    assert {one["debtor"]: one["amount"] for one in case["owed"]} == promised
    assert "carrier" in promised, (
        "whose duty comes first on the bill, and was lowered by the buyer's difference"
    )
    covered = {one["debtor"]: one["covered_amount"] for one in cited["charges"]}
    assert covered["carrier"] == "0.00"
    assert float(covered["consignee"]) > 0


def _by_debtor(decision: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is due at the border, by who owes it."""
    items = [one for item in decision["goods_items"] for one in item["charges"]]
    for debtor in {one["debtor"] for one in items}:
        amounts = [Decimal(one["amount"]) for one in items if one["debtor"] == debtor]
        yield debtor, str(sum(amounts))


def test_who_pays_what_was_quoted_owes_nothing_more(world: World) -> None:
    quote = quoted(world)
    dearer = [SHIRT | {"invoice_amount": "50.45"}]
    answer = declare(world, declaration("PAID-1", quote, goods_items=dearer))
    with world.client("post") as client:
        mark = client.post(
            f"/v1/cases/{answer['case_id']}/payment-records",
            json={
                "reference": "PAID-1-MARK",
                "kind": "paid",
                "currency_code": "EUR",
                "amount": quote["totals"]["due_at_border_amount"],
            },
        )

    assert mark.status_code == 200, mark.text
    assert mark.json()["status"] == "settled"
    assert mark.json()["due_amount"] == answer["decision"]["totals"]["due_at_border_amount"]


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{number}.{wrong}", "quote-forged"),
        ("{number}", "quote-malformed"),
        ("NOT-A-QUOTE", "quote-malformed"),
        ("0000-0000-0000-00.{digest}", "quote-unknown"),
    ],
)
def test_a_reference_that_is_no_quotes_is_told(world: World, template: str, code: str) -> None:
    quote = quoted(world)
    cite = quote["offer"]["cite_as"]
    number, _, digest = cite["reference"].partition(".")
    reference = template.format(number=number, digest=digest, wrong=digest[::-1])
    answer = declare(
        world,
        declaration(f"NONE-{len(template)}", quote, additional_documents=[cite | {"reference": reference}]),
    )

    assert set(said(answer)) == {code}
    assert "{" not in said(answer)[code]


def test_somebody_elses_quote_serves_only_who_acts_for_that_party(world: World) -> None:
    quote = quoted(world, party="rival", platform_id=None)
    stranger = declare(world, declaration("STRANGER-1", quote))
    holder = declare(world, declaration("HOLDER-1", quote), party="rival")

    assert set(said(stranger)) == {"quote-of-another-party"}
    assert set(said(holder)) == {"quote-honoured"}


def test_a_quote_that_has_ended_does_not_bind(world: World) -> None:
    quote = quoted(world)
    ended = declare(world, declaration("LATE-1", quote, accepted_at=in_days(60)))

    assert set(said(ended)) == {"quote-expired"}


def test_a_quote_of_another_administration_is_not_known_here(world: World) -> None:
    quote = quoted(world)
    _change(world, quote, "administration_id = 2")
    answer = declare(world, declaration("FOREIGN-1", quote))

    assert set(said(answer)) == {"quote-unknown"}


def test_only_one_quote_for_one_consignment(world: World) -> None:
    one, other = quoted(world), quoted(world)
    cited = [one["offer"]["cite_as"], other["offer"]["cite_as"]]
    answer = declare(world, declaration("SEVERAL-1", one, additional_documents=cited))

    assert set(said(answer)) == {"quote-several"}


def test_a_decision_under_a_quote_is_explained_and_agrees_with_its_record(world: World) -> None:
    quote = quoted(world)
    case_id = declare(world, declaration("AGREES-1", quote))["case_id"]
    with world.client("post") as client:
        explained = client.get(f"/v1/cases/{case_id}/explanation").json()
        of_case = client.get(f"/v1/cases/{case_id}/quotes").json()

    assert explained["agrees"], explained["differences"]
    (cited,) = of_case["quotes"]
    assert cited["binds"]
    assert cited["quote_id"] == quote["offer"]["quote_id"]
    assert [one["difference_amount"] for one in cited["charges"]] == ["0.00"] * len(cited["charges"])


def test_an_arrival_keeps_the_promise_and_draws_no_unit_twice(world: World) -> None:
    quote = quoted(world)
    document = declaration("ARRIVES-1", quote, house_document="RX123456785XX")
    declare(world, document)
    with world.client("post") as client:
        arrival = client.post(
            "/v1/arrivals",
            json={
                "reference": "ARRIVES-1-ARRIVAL",
                "house_document": "RX123456785XX",
                "arrived_at": quote["at"],
            },
        )
    decided = rows(
        world.dsn,
        "SELECT count(*) FROM decision JOIN consignment USING (consignment_id) WHERE reference = 'ARRIVES-1'",
    )

    assert arrival.status_code == 201, arrival.text
    assert decided[0][0] >= 1
    assert _used(world, quote) == [(1, 2_000_000)]
    assert sum(one[4] for one in _booked(world, "ARRIVES-1")) == 0


def _used(world: World, quote: dict[str, Any]) -> list[tuple[Any, ...]]:
    return rows(
        world.dsn,
        "SELECT line, sum(quantity_micro)::bigint FROM quote_use JOIN quote USING (quote_id)"
        " WHERE commitment = decode(%s, 'hex') GROUP BY line HAVING sum(quantity_micro) <> 0",
        quote["offer"]["cite_as"]["reference"].partition(".")[2],
    )


def _booked(world: World, reference: str) -> list[tuple[Any, ...]]:
    return rows(
        world.dsn,
        "SELECT due, currency_code, sum(quoted_minor)::bigint, sum(assessed_minor)::bigint,"
        " sum(difference_minor)::bigint, sum(covered_minor)::bigint, account"
        " FROM quote_booking JOIN consignment USING (consignment_id) WHERE reference = %s"
        " GROUP BY due, currency_code, account HAVING sum(quoted_minor) <> 0",
        reference,
    )


def _change(world: World, quote: dict[str, Any], change: str) -> None:
    digest = quote["offer"]["cite_as"]["reference"].partition(".")[2]
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(f"UPDATE quote SET {change} WHERE commitment = decode(%s, 'hex')", (digest,))
