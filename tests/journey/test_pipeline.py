"""The processor: frames as promised, one document never touches another, and order makes no difference."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.journey.pipeline import Context, run_pipeline
from serai.journey.screening.lists import Lists
from serai.model import frames
from serai.model.columns import BitSets, Coded
from serai.model.documents import Consignment, Person
from tests.journey.batches import AT_MS, LISTED_NAME, book, item, outcome, parcel, person, run

MOMENTS = ("2026-06-30T21:59:59Z", "2026-06-30T22:00:00Z", "2026-07-05T10:00:00Z", "2020-01-01T00:00:00Z")


def mixed(number: int, rng: random.Random) -> Consignment:
    """A parcel of any kind: sound or faulty, of either law, with one to four items."""
    items = [
        item(
            sequence_number=place + 1,
            commodity_code=rng.choice(["610910", "64041100", "950300", "392690", "010121", "99"]),
            description=rng.choice(["Cotton t-shirt", "gift", "parts", "Running shoes"]),
            invoice_amount=rng.choice(["3.00", "25.00", "149.99", "150.01", "0.10", "-1"]),
            invoice_currency_code=rng.choice(["EUR", "EUR", "EUR", "USD", "GBP"]),
            quantity=rng.choice(["1", "2", "1.5"]),
        )
        for place in range(rng.randint(1, 4))
    ]
    return parcel(
        f"T-{number}",
        *items,
        consignee=person(
            name=rng.choice(["Invented Person", LISTED_NAME]),
            country_code=rng.choice(["DE", "FR", "IE", "AQ", "??"]),
        ),
        sale_nature_code=rng.choice(["B2C", "gift", "B2B", "not-stated"]),
        logistics_channel_code=rng.choice(["post", "express"]),
        accepted_at=rng.choice(MOMENTS),
        freight_amount=rng.choice([None, "4.00"]),
        charges_currency_code="EUR",
    )


def batch(count: int, seed: int) -> list[Consignment]:
    rng = random.Random(seed)
    return [mixed(number, rng) for number in range(count)]


def results(documents: list[Consignment]) -> dict[str, Any]:
    """What became of each document, by its reference."""
    processed = run(*documents)
    found: dict[str, Any] = {}
    for row, place in enumerate(processed.accepted_rows.tolist()):
        found[documents[place].reference] = outcome(processed, row)
    for place, faults in enumerate(processed.faults):
        if faults:
            assert documents[place].reference not in found
            found[documents[place].reference] = faults
    return found


def test_a_batch_of_two_hundred_is_two_hundred_batches_of_one() -> None:
    documents = batch(200, seed=1)

    together = results(documents)

    alone: dict[str, Any] = {}
    for document in documents:
        alone |= results([document])
    assert together == alone
    assert len(together) == 200


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_order_in_a_batch_changes_no_result(seed: int, rng: random.Random) -> None:
    documents = batch(12, seed)
    shuffled = documents[:]
    rng.shuffle(shuffled)

    assert results(documents) == results(shuffled)


def test_a_poisoned_document_touches_only_itself() -> None:
    sound = [parcel(f"S-{n}", item(), item(sequence_number=2, commodity_code="64041100")) for n in range(50)]
    poison = parcel(
        "P",
        item(invoice_amount="1e400", quantity="-9999999999999", commodity_code="💥"),
        consignee=Person(country_code="\ud7ff"),
        accepted_at="0001-01-01T00:00:00+00:00",
    )
    documents = [*sound[:20], poison, *sound[20:]]

    together = results(documents)

    assert len(together.pop("P")) >= 5
    assert together == results(sound)


@pytest.mark.parametrize("documents", [[], [parcel("T-1", item(quantity="0"))]])
def test_a_batch_without_an_accepted_document_gives_empty_frames(documents: list[Consignment]) -> None:
    processed = run(*documents)

    assert len(processed.accepted_rows) == 0
    assert processed.consignments.row_count == processed.items.row_count == processed.charges.row_count == 0
    check_frame(processed.consignments, frames.CONSIGNMENTS)


def check_frame(frame: Any, meanings: tuple[frames.ColumnMeaning, ...]) -> None:
    assert set(frame.columns) == {meaning.name for meaning in meanings}
    for meaning in meanings:
        column = frame.columns[meaning.name]
        assert len(column) == frame.row_count, meaning.name
        if meaning.type == "coded":
            assert isinstance(column, Coded), meaning.name
            assert column.codes.dtype == np.int32, meaning.name
        elif meaning.type == "bits":
            assert isinstance(column, BitSets), meaning.name
        else:
            expected = np.bool_ if meaning.type == "flag" else np.int64
            assert isinstance(column, np.ndarray), meaning.name
            assert column.dtype == expected, meaning.name


def test_frames_hold_exactly_the_columns_that_are_written_down() -> None:
    processed = run(*batch(60, seed=3))

    check_frame(processed.consignments, frames.CONSIGNMENTS)
    check_frame(processed.items, frames.GOODS_ITEMS)
    check_frame(processed.charges, frames.CHARGES)
    check_frame(processed.findings, frames.FINDINGS)


def test_items_and_charges_of_accepted_documents_belong_to_them() -> None:
    documents = batch(80, seed=4)

    processed = run(*documents)

    accepted = [documents[place] for place in processed.accepted_rows.tolist()]
    assert 0 < len(accepted) < len(documents)
    owner = processed.items.numbers("owner").tolist()
    assert owner == [row for row, document in enumerate(accepted) for _ in document.goods_items]
    sequence = [line.sequence_number for document in accepted for line in document.goods_items]
    assert processed.items.numbers("sequence_number").tolist() == sequence
    charged = processed.charges.numbers("item")
    on_item = charged >= 0
    assert (
        processed.items.numbers("owner")[charged[on_item]]
        == processed.charges.numbers("consignment")[on_item]
    ).all()


def test_lists_on_which_nobody_stands_find_nobody() -> None:
    document = parcel("T-1", item(description="gift"), consignee=person(name=LISTED_NAME))

    processed = run_pipeline([document], ["f"], AT_MS, book(), Lists.empty(), context=Context.empty(1))

    assert processed.hits == ()
    assert not processed.items.flags("is_description_vague").any()


def test_the_same_batch_gives_the_same_answer() -> None:
    documents = batch(40, seed=9)

    assert results(documents) == results(documents)
