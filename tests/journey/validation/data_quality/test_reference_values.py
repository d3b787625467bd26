"""What is usual for a heading is told by medians that a few wild numbers do not move."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.journey.validation.data_quality.formula import FORMULA
from serai.journey.validation.data_quality.reference_values import (
    BINS_PER_DOUBLING,
    MASS,
    PRICE,
    Key,
    ReferenceValues,
    join_counted,
    keep_counted,
    sketch_items,
    spreads_of,
)
from tests.journey.validation.data_quality.scored import best, best_item, checked_of, quality_of

SHIRTS = Key(PRICE, "6109", "C62", "EUR")


def learned(*documents: Any) -> ReferenceValues:
    counts = sketch_items(checked_of(*documents).columns.items)
    return spreads_of([(key, place, count) for (key, place), count in counts.items()])


def shirts(count: int, price: str = "12.50") -> list[Any]:
    return [best(best_item(quantity="1", invoice_amount=price)) for _ in range(count)]


def failed(document: Any, reference_values: ReferenceValues) -> set[str]:
    return set(quality_of(document, reference_values=reference_values).failed_codes(0))


def test_a_price_far_from_the_median_of_its_heading_is_unusual() -> None:
    reference_values = learned(*shirts(40))

    assert failed(best(best_item(quantity="1", invoice_amount="1250.00")), reference_values) == {
        "unit-price-unusual"
    }
    assert failed(best(best_item(quantity="100", invoice_amount="12.50")), reference_values) == {
        "unit-price-unusual",
        "unit-weight-unusual",
    }
    assert failed(best(best_item(quantity="1", invoice_amount="30.00")), reference_values) == set()


def test_the_advice_names_the_heading_and_what_is_usual() -> None:
    reference_values = learned(*shirts(40))

    (remark,) = checked_of(
        best(best_item(quantity="1", invoice_amount="1250.00")), reference_values=reference_values
    ).remarks

    assert (remark.finding.code, remark.finding.severity) == ("unit-price-unusual", "advice")
    assert remark.finding.pointer == "/goods_items/0/invoice_amount"
    assert remark.finding.parameters["value"] == "6109"
    assert float(remark.finding.parameters["usual"].split()[0]) == pytest.approx(12.5, rel=0.1)
    assert float(remark.finding.parameters["own"].split()[0]) == pytest.approx(1250, rel=0.1)


@pytest.mark.parametrize(
    "changes",
    [{"invoice_currency_code": "JPY", "invoice_amount": "1250"}, {"commodity_code": "64041100"}],
)
def test_nothing_is_said_of_a_currency_or_heading_that_was_not_seen(changes: dict[str, str]) -> None:
    reference_values = learned(*shirts(40))

    assert "unit-price-unusual" not in failed(
        best(best_item(**{"quantity": "1"} | changes)), reference_values
    )


def test_nothing_is_said_before_enough_was_seen() -> None:
    wild = best(best_item(quantity="1", invoice_amount="9999.00"))
    count = FORMULA.plausible.seen_min

    few, enough = (
        quality_of(wild, reference_values=learned(*shirts(count - 1))),
        quality_of(wild, reference_values=learned(*shirts(count))),
    )

    place = FORMULA.items.index("unit-price-unusual")
    assert not few.marks.items.asked[place].any()
    assert few.score[0] == 100
    assert enough.failed_codes(0) == ["unit-price-unusual"]


def test_one_wild_price_in_five_moves_nothing() -> None:
    reference_values = learned(*shirts(40), *shirts(10, "99999.00"))

    assert reference_values.spreads[SHIRTS].median == learned(*shirts(40)).spreads[SHIRTS].median
    assert failed(shirts(1, "99999.00")[0], reference_values) == {"unit-price-unusual"}


def test_a_heading_of_wide_prices_leaves_wide_room() -> None:
    prices = [f"{2**n}.00" for n in range(1, 11)] * 4
    reference_values = learned(*(shirts(1, price)[0] for price in prices))

    assert failed(shirts(1, "2.00")[0], reference_values) == set()
    assert failed(shirts(1, "1500.00")[0], reference_values) == set()


@settings(max_examples=30)
@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40))
def test_median_and_deviation_are_those_of_the_numbers(prices: list[float]) -> None:
    texts = [f"{price:.2f}" for price in prices]
    spread = learned(*(shirts(1, text)[0] for text in texts)).spreads[SHIRTS]
    bins = np.sort(np.floor(np.log2([float(text) * 1e6 for text in texts]) * BINS_PER_DOUBLING))
    middle = bins[(len(bins) + 1) // 2 - 1]
    apart = np.sort(np.abs(bins - middle))

    assert spread == (len(prices), middle, apart[(len(apart) + 1) // 2 - 1])


def test_sketches_add_up_however_batches_are_cut() -> None:
    documents = [
        *shirts(3),
        *shirts(4, "77.00"),
        best(best_item(quantity_unit_code="KGM")),
        best(best_item(invoice_currency_code="USD", commodity_code="64029900"), best_item(quantity=None)),
        best(best_item(quantity_unit_code=None, gross_mass_kg=None)),
    ]
    parts: Counter[Any] = Counter()
    for document in documents:
        parts.update(sketch_items(checked_of(document).columns.items))
    together = join_counted([keep_counted(checked_of(document).columns.items) for document in documents])

    assert sketch_items(together) == parts
    whole = sketch_items(checked_of(*documents * 50).columns.items)
    assert whole == {key: 50 * count for key, count in parts.items()}
    assert {key.measure for key, _ in parts} == {PRICE, MASS}
