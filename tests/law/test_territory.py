"""Territories: never from the country alone."""

import datetime as dt

import pytest

from serai.law.tariff import day_number
from tests.law.packs import assessed, charges_of, consignment, findings_of, item, shipped_book

DAY = day_number(dt.date(2026, 8, 1))
SPECIAL = [
    ("DE", "78266", "CH", "CH"),
    ("DE", "27498", "DE-27498", "DE-27498"),
    ("ES", "35001", "EU", "ES-CN"),
    ("ES", "51001", "ES-CE", "ES-CE"),
    ("ES", "52001", "ES-ML", "ES-ML"),
    ("IT", "23041", "IT-LIV", "IT-LIV"),
    ("IT", "22061", "EU", "IT-CAM"),
    ("FI", "22100", "EU", "FI-AX"),
    ("GR", "63086", "EU", "GR-ATH"),
    ("GR", "85300", "EU", "GR-AI"),
    ("GR", "81100", "EU", "GR-AI"),
    ("GR", "85110", "EU", "GR-AI"),
    ("GR", "85100", "EU", "GR"),
    ("PT", "9000-001", "EU", "PT-30"),
    ("PT", "9500-001", "EU", "PT-20"),
    ("FR", "97133", "BL", "BL"),
    ("FR", "97150", "EU", "FR-MF"),
    ("FR", "97300", "EU", "FR-GF"),
    ("FR", "97600", "EU", "FR-YT"),
    ("FR", "97400", "EU", "FR-DOM"),
    ("AT", "6691", "EU", "AT-JM"),
    ("AT", "6992", "EU", "AT-JM"),
    ("GB", "BT1 5GS", "XI", "XI"),
    ("GB", "bt15gs", "XI", "XI"),
    ("GB", "SW1A 1AA", "GB", "GB"),
    ("IM", None, "GB", "GB"),
    ("JE", None, "JE", "JE"),
    ("GG", None, "GG", "GG"),
    ("MC", None, "EU", "FR"),
    ("DE", "10115", "EU", "DE"),
    ("NL", None, "EU", "NL"),
]


@pytest.mark.parametrize(("country", "postcode", "customs", "tax"), SPECIAL)
def test_special_territory(country: str, postcode: str | None, customs: str, tax: str) -> None:
    found = shipped_book().territories.find(country, None, postcode, DAY)

    assert found is not None
    assert (found.customs_territory_code, found.tax_territory_code) == (customs, tax)


@pytest.mark.parametrize("country", ["GB", "ES", "PT", "FR", "DE", "IT", "FI", "GR", "AT"])
def test_country_with_parts_is_unresolved_without_postcode(country: str) -> None:
    result = assessed(shipped_book(), consignment(country=country, postcode=None))

    assert findings_of(result) == {("territory-unresolved", "")}
    assert charges_of(result) == []


def test_region_resolves_where_the_postcode_lacks() -> None:
    found = shipped_book().territories.find("GB", "GB-NIR", None, DAY)

    assert found is not None
    assert found.customs_territory_code == "XI"


@pytest.mark.parametrize(
    ("sent_from", "lacks", "owed"),
    [
        (None, {("data-needed", "dispatch_country_code")}, []),
        ("GB", set(), []),
        ("FR", set(), []),
        # Twelve per cent in both tariffs: not at risk, and no relief up to GBP 135.
        ("CN", set(), [("duty", "border", 240), ("tax", "border", 448)]),
    ],
)
def test_northern_ireland_has_a_law_of_its_own_that_asks_where_goods_come_from(
    sent_from: str | None, lacks: set[tuple[str, str]], owed: list[tuple[str, str, int]]
) -> None:
    shirt = item(invoice_currency_code="GBP")
    parcel = consignment(shirt, country="GB", postcode="BT1 5GS", dispatch_country_code=sent_from)

    result = assessed(shipped_book(), parcel)

    assert findings_of(result) == lacks
    assert charges_of(result) == owed


def test_territory_outside_vat_is_reviewed_and_not_taxed_at_its_country_s_rate() -> None:
    shirt = item(invoice_amount="200.00")

    result = assessed(shipped_book(), consignment(shirt, country="ES", postcode="35001"))

    assert ("parameter-not-known", "vat_rate") in findings_of(result)
    assert [kind for kind, _, _ in charges_of(result)] == ["duty"]


@pytest.mark.parametrize(("postcode", "vat"), [("9500-001", 3584), ("9000-001", 4928), ("1100-148", 5152)])
def test_azores_and_madeira_have_rates_of_their_own(postcode: str, vat: int) -> None:
    shirt = item(invoice_amount="200.00")

    result = assessed(shipped_book(), consignment(shirt, country="PT", postcode=postcode))

    assert charges_of(result) == [("duty", "border", 2400), ("tax", "border", vat)]


def test_jungholz_pays_the_german_rate() -> None:
    shirt = item(invoice_amount="200.00")

    result = assessed(shipped_book(), consignment(shirt, country="AT", postcode="6691"))

    assert charges_of(result) == [("duty", "border", 2400), ("tax", "border", 4256)]
