"""The form of 'change it and see': a number tells its scheme by the shapes that the packs give."""

import msgspec
import pytest

from serai.laboratory.invented import numbers
from serai.model.documents import Consignment
from serai.portal.case.what_if_view import read_try_form, scheme_kind_of
from tests.journey.batches import parcel
from tests.law.packs import shipped_book

BOOK = shipped_book()


@pytest.mark.parametrize(
    ("number", "country", "kind"),
    [
        ("IM2760000018", "DE", "IOSS"),
        ("im 276 000 0018", "FR", "IOSS"),
        (numbers.gb_vat(1), "GB", "GB-VAT"),
        (f"{numbers.gb_vat(1)}001", "GB", "GB-VAT"),
        (numbers.abn(1), "AU", "ABN"),
        ("51 824 753 556", "AU", "ABN"),
        (numbers.arn(1), "AU", "ARN"),
        ("2000001", "NO", "VOEC"),
        ("IM27", "DE", None),
        ("pen", "DE", None),
        ("", "DE", None),
    ],
)
def test_number_tells_its_scheme(number: str, country: str, kind: str | None) -> None:
    assert scheme_kind_of(number, BOOK.packs_for(country)) == kind


def test_shapes_are_those_of_the_country_the_goods_go_to() -> None:
    assert scheme_kind_of(numbers.abn(1), BOOK.packs_for("DE")) is None
    assert BOOK.packs_for("ZZ") == [], "a country of which the tables say nothing has no law"


def test_number_of_two_schemes_tells_none() -> None:
    (pack,) = [pack for pack in BOOK.packs_for("DE") if pack.code == "EU-2026"]
    other = msgspec.structs.replace(pack.registrations[0], kind="OTHER")
    twin = msgspec.structs.replace(pack, registrations=[other])

    assert scheme_kind_of("IM2760000018", [pack, twin]) is None


@pytest.mark.parametrize(("declared", "asked"), [(None, "ABN"), ("IOSS", None)])
def test_scheme_that_is_declared_stays(declared: str | None, asked: str | None) -> None:
    document: Consignment = parcel(scheme_kind_code=declared)

    form = {"vendor_number": numbers.abn(1), "destination": "AU 2000"}
    wanted = read_try_form(form, document, BOOK)

    assert wanted.scheme_kind_code == asked
