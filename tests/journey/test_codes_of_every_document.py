"""One list of countries and channels: what a declaration may say, other documents may too."""

from itertools import product
from string import ascii_uppercase

import pytest

from serai.journey.matching.checks import find_faults
from serai.model.documents import Order, OrderLine, Person, TransportDocument
from tests.journey.batches import parcel, person, run

TWO_LETTERS = ["".join(letters) for letters in product(ascii_uppercase, repeat=2)]


def in_declarations(codes: list[str]) -> set[str]:
    documents = [parcel(code, consignee=person(country_code=code)) for code in codes]
    return {
        code
        for code, found in zip(codes, run(*documents).faults, strict=True)
        if "/consignee/country_code" not in {fault.pointer for fault in found}
    }


def in_orders(codes: list[str]) -> set[str]:
    line = OrderLine(sequence_number=1, description="pen", quantity="1", amount="1.00")
    return {
        code
        for code in codes
        if not find_faults(
            Order(
                reference="O-1",
                currency_code="EUR",
                purchased_at="2026-07-01T10:00:00Z",
                lines=[line],
                buyer=Person(country_code=code, name="Invented Buyer"),
            )
        )
    }


def test_country_of_a_person_is_read_alike_in_declaration_and_order() -> None:
    assert in_declarations(TWO_LETTERS) == in_orders(TWO_LETTERS)


def test_places_with_a_code_of_customs_only_are_known() -> None:
    assert in_orders(["DE", "XK", "XI", "XC", "XL", "UK", "XX"]) == {"DE", "XK", "XI", "XC", "XL"}


@pytest.mark.parametrize("channel", ["post", "express", "cargo", "bonded", "personal", "pigeon"])
def test_channel_is_read_alike_in_declaration_and_transport_document(channel: str) -> None:
    (declared,) = run(parcel(logistics_channel_code=channel)).faults
    transported = find_faults(
        TransportDocument(reference="T-1", logistics_channel_code=channel, house_document="H-1")
    )

    assert [fault.code for fault in declared] == [fault.code for fault in transported]
    assert bool(transported) is (channel == "pigeon")
