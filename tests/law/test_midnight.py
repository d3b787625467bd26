"""Midnight of 1 July 2026, local time: one batch, two laws, each parcel under its own."""

import pytest

from tests.law.packs import assessed, charges_of, consignment, findings_of, item, shipped_book

# Local 30 June 23:59 and 1 July 00:00, written in UTC.
PLACES = [
    ("IE", None, "2026-06-30T22:59:00Z", "2026-06-30T23:00:00Z"),
    ("DE", "10115", "2026-06-30T21:59:00Z", "2026-06-30T22:00:00Z"),
    ("FI", "00100", "2026-06-30T20:59:00Z", "2026-06-30T21:00:00Z"),
    ("PT", "9500-001", "2026-06-30T23:59:00Z", "2026-07-01T00:00:00Z"),
]


def test_each_gets_the_law_of_its_own_day() -> None:
    book = shipped_book()
    batch = [
        consignment(country=country, postcode=postcode, accepted_at=moment, reference=f"{country}-{moment}")
        for country, postcode, before, after in PLACES
        for moment in (before, after)
    ]

    result = assessed(book, *batch)

    laws = [book.programs[n].base.code for n in result.consignments.numbers("law_number").tolist()]
    assert laws == ["EU-2021", "EU-2026"] * 4
    duty = [0] * len(batch)
    kinds = result.charges.words("kind_code").texts()
    for row, kind, amount in zip(
        result.charges.numbers("consignment").tolist(),
        kinds,
        result.charges.numbers("amount_minor").tolist(),
        strict=True,
    ):
        duty[row] += amount if kind == "duty" else 0
    assert duty == [0, 300] * 4


def test_one_instant_is_july_in_helsinki_and_june_in_the_azores() -> None:
    book = shipped_book()
    moment = "2026-06-30T21:30:00Z"

    result = assessed(
        book,
        consignment(country="FI", postcode="00100", accepted_at=moment),
        consignment(country="PT", postcode="9500-001", accepted_at=moment),
    )

    laws = [book.programs[n].base.code for n in result.consignments.numbers("law_number").tolist()]
    assert laws == ["EU-2026", "EU-2021"]


@pytest.mark.parametrize(("day", "forms"), [("2028-07-01", 0), ("2028-06-30", 1)])
def test_day_outside_every_law_has_none(day: str, forms: int) -> None:
    result = assessed(shipped_book(), consignment(accepted_at=f"{day}T10:00:00Z"))

    assert (("no-law", "EU") in findings_of(result)) == (forms == 0)
    assert (len(charges_of(result)) > 0) == (forms == 1)


def test_neighbours_in_one_batch_do_not_change_each_other() -> None:
    book = shipped_book()
    batch = [
        consignment(item(invoice_amount="200.00"), country="DE"),
        consignment(country="GB", postcode="BT1 5GS"),
        consignment(item(), item(2, commodity_code="420221"), accepted_at="2026-06-01T10:00:00Z"),
        consignment(item(invoice_currency_code="ZZZ")),
    ]

    together = charges_of(assessed(book, *batch))
    alone = [row for document in batch for row in charges_of(assessed(book, document))]

    assert together == alone
