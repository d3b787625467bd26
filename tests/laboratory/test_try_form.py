"""The form of 'change it and see': a number tells its scheme by the shapes that the packs give."""

import msgspec
import pytest

from serai.laboratory.invented import numbers
from serai.laboratory.try_view import read_try_form, scheme_kind_of
from serai.model.documents import Consignment
from tests.journey.batches import parcel
from tests.law.packs import shipped_book

PACKS = shipped_book().packs.values()
UNION = [loaded for loaded in PACKS if loaded.pack.code.startswith("EU-")]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("IM2760000018", "IOSS"),
        ("im 276 000 0018", "IOSS"),
        (numbers.gb_vat(1), "GB-VAT"),
        (f"{numbers.gb_vat(1)}001", "GB-VAT"),
        (numbers.abn(1), "ABN"),
        ("51 824 753 556", "ABN"),
        (numbers.arn(1), "ARN"),
        ("2000001", "VOEC"),
        ("IM27", None),
        ("pen", None),
        ("", None),
    ],
)
def test_number_tells_its_scheme(number: str, kind: str | None) -> None:
    assert scheme_kind_of(number, PACKS) == kind


def test_shapes_are_those_of_the_packs_given() -> None:
    assert scheme_kind_of("IM2760000018", UNION) == "IOSS"
    assert scheme_kind_of(numbers.abn(1), UNION) is None


def test_number_of_two_schemes_tells_none() -> None:
    (loaded,) = [loaded for loaded in UNION if loaded.pack.code == "EU-2026"]
    other = msgspec.structs.replace(loaded.pack.registrations[0], kind="OTHER")
    twin = type(loaded)(msgspec.structs.replace(loaded.pack, registrations=[other]), loaded.content_hash)

    assert scheme_kind_of("IM2760000018", [loaded, twin]) is None


@pytest.mark.parametrize(("declared", "asked"), [(None, "ABN"), ("IOSS", None)])
def test_scheme_that_is_declared_stays(declared: str | None, asked: str | None) -> None:
    document: Consignment = parcel(scheme_kind_code=declared)

    wanted = read_try_form({"scheme_number": numbers.abn(1)}, document, PACKS)

    assert wanted.scheme_kind_code == asked
