"""What codes of a declaration mean: read from data, and in words that the rest of the house knows."""

import pytest

from serai.formats.wco_dec_codes import (
    DEC_CODES,
    is_preference,
    issuing_country,
    region_of,
    sale_nature,
    scheme_kind,
)
from serai.model.code_lists import COUNTRY_CODES, SALE_NATURE_CODES
from tests.law.packs import shipped_book


def test_words_for_codes_are_words_of_laws_and_lists() -> None:
    packs = [loaded.pack for loaded in shipped_book().packs.values()]
    kinds = {registration.kind for pack in packs for registration in pack.registrations}

    assert {one.scheme_kind_code for one in DEC_CODES.schemes} <= kinds
    assert {one.sale_nature_code for one in DEC_CODES.sale_natures} <= set(SALE_NATURE_CODES)
    assert {one.country_code for one in DEC_CODES.issuers} <= COUNTRY_CODES
    assert {one.country_code for one in DEC_CODES.parts} <= COUNTRY_CODES
    assert all(part.region_code.startswith(f"{part.country_code}-") for part in DEC_CODES.parts)


def test_additional_procedures_name_scheme_and_nature() -> None:
    assert (scheme_kind({"1H7", "F48"}), scheme_kind({"1H7", "C07"})) == ("IOSS", None)
    assert (sale_nature({"1H7", "C08"}), sale_nature({"1H7", "C07"})) == ("gift", None)


@pytest.mark.parametrize(("code", "claims"), [("100", False), ("200", True), ("400", True), (None, False)])
def test_duty_regime_claims_a_preference(code: str | None, claims: bool) -> None:
    assert is_preference(code) is claims


@pytest.mark.parametrize(
    ("identifier", "country"),
    [("XI123", "GB"), ("GB123", "GB"), ("DE123", "DE"), ("12345", None), ("", None)],
)
def test_number_names_the_country_that_issued_it(identifier: str, country: str | None) -> None:
    assert issuing_country(identifier) == country


@pytest.mark.parametrize(
    ("country", "statements", "identifier", "region"),
    [
        ("GB", {"NIDOM"}, "GB123", "GB-NIR"),
        ("GB", {None, "NIIMP"}, "", "GB-NIR"),
        ("GB", {"00500"}, "GB123", "GB-GBN"),
        ("GB", set(), "XI123", None),
        ("GB", set(), "", None),
        ("DE", {"NIIMP"}, "GB123", None),
        (None, set(), "GB123", None),
    ],
)
def test_statement_then_number_tells_the_part_of_a_country(
    country: str | None, statements: set[str | None], identifier: str, region: str | None
) -> None:
    assert region_of(country, statements, identifier) == region
