"""Documents side by side, and numbers beside what is usual."""

from decimal import Decimal
from typing import Any

from serai.journey.validation.data_quality.formula import FORMULA
from serai.journey.validation.data_quality.reference_values import (
    PRICE,
    Key,
    compare_with_usual,
    spreads_of,
)
from serai.portal.case.documents_compared import compare_documents

DECLARED: dict[str, Any] = {
    "reference": "D-1",
    "house_document": "LX1",
    "goods_items": [
        {"invoice_currency_code": "EUR", "invoice_amount": "100.00", "gross_mass_kg": "0.4"},
        {"invoice_currency_code": "EUR", "invoice_amount": "45.00", "gross_mass_kg": "0.3"},
    ],
}
ORDER: dict[str, Any] = {
    "reference": "O-1",
    "currency_code": "EUR",
    "lines": [{"amount": "165.0"}],
    "discount_amount": "20.00",
}
PAYMENT = {"reference": "P-1", "currency_code": "EUR", "amount": "145.00"}
WAYBILL = {"reference": "W-1", "house_document": "LX1", "gross_mass_kg": "0.70"}
KEY = Key(PRICE, "9503", "C62", "EUR")


def test_what_documents_state_of_the_same_thing_is_marked_where_it_differs() -> None:
    compared = compare_documents(
        [
            ("declaration", DECLARED),
            ("order", ORDER),
            ("payment", PAYMENT),
            ("transport-document", WAYBILL),
        ]
    )

    found = {one.label: (one.cells, one.differs) for one in compared.rows}
    assert found == {
        "Price of the goods": (["EUR 145.00", "EUR 165.0", "", ""], True),
        "Discount": (["", "EUR 20.00", "", ""], False),
        "Amount paid": (["", "", "EUR 145.00", ""], False),
        "Lines": (["2", "1", "", ""], True),
        "Gross mass": (["0.7 kg", "", "", "0.70 kg"], False),
        "Item number": (["LX1", "", "", "LX1"], False),
    }
    assert compared.kinds[1] == ("order", "O-1")


def test_a_price_is_held_against_what_was_seen_and_too_few_say_nothing() -> None:
    seen = FORMULA.plausible.seen_min
    many = spreads_of([(KEY, 160, seen)])
    few = spreads_of([(KEY, 160, seen - 1)])

    own = compare_with_usual(KEY, Decimal("4.00"), Decimal(4), many, FORMULA.plausible)
    dear = compare_with_usual(KEY, Decimal("4000000.00"), Decimal(4), many, FORMULA.plausible)

    assert own is not None
    assert dear is not None
    assert (own.own, own.middle, own.is_unusual, own.item_count) == ("1 EUR", "1.1 EUR", False, seen)
    assert (dear.own, dear.is_unusual) == ("1000000 EUR", True)
    assert compare_with_usual(KEY, Decimal("4.00"), Decimal(4), few, FORMULA.plausible) is None
    assert compare_with_usual(KEY, Decimal(0), Decimal(4), many, FORMULA.plausible) is None
