"""The days of declarants say what a count of each message alone says."""

from collections import Counter
from typing import Any

import numpy as np

from serai.journey.validation.data_quality.day_sums import (
    DayRow,
    RefusedMessage,
    field_of,
    sum_refused,
    sum_taken,
)
from serai.model.columns import encode_words
from serai.model.findings import Finding
from tests.journey.batches import person
from tests.journey.validation.data_quality.scored import best, best_item, quality_of


def test_sums_are_those_of_each_message_alone() -> None:
    documents: list[Any] = [
        best(),
        best(best_item(description="gift"), best_item(sequence_number=2)),
        best(best_item(description="gift"), best_item(sequence_number=2, description="parts")),
        best(sale_nature_code="not-stated", consignee=person()),
    ] * 3
    parties = np.array([7, 8, 7, 8, 7, 7, 8, 8, 9, 9, 9, 7])
    channels = ["post", "express", "post"] * 4
    persons = np.array([True, False, False] * 4)
    counts = np.array([len(one.goods_items) for one in documents])
    together = sum_taken(quality_of(*documents), parties, encode_words(channels), persons, counts)

    alone: Counter[Any] = Counter()
    for place, document in enumerate(documents):
        rows = sum_taken(
            quality_of(document),
            parties[place : place + 1],
            encode_words(channels[place : place + 1]),
            persons[place : place + 1],
            counts[place : place + 1],
        )
        for row in rows:
            for name in DayRow._fields[4:]:
                alone[*row[:4], name] += getattr(row, name)
    assert {(*row[:4], name): getattr(row, name) for row in together for name in DayRow._fields[4:]} == alone
    assert sum(row.message_count for row in together if not row.code) == len(documents)
    assert sum(row.item_count for row in together if row.code == "description-vague") == 9


def test_a_refused_message_counts_once_for_each_fault_and_field() -> None:
    findings = [
        Finding("not-positive", "/goods_items/0/quantity"),
        Finding("not-positive", "/goods_items/1/quantity"),
        Finding("unknown-country", "/consignee/country_code"),
        Finding("unknown-unit", "/goods_items/0/quantity_unit_code", "advice"),
    ]

    rows = sum_refused([RefusedMessage(7, "post", findings), RefusedMessage(7, "post", findings[:1])])

    assert {(row.code, row.field): (row.refused_count, row.item_count) for row in rows} == {
        ("", ""): (2, 0),
        ("not-positive", "quantity"): (2, 3),
        ("unknown-country", "consignee/country_code"): (1, 1),
    }
    assert all(row.message_count == 0 for row in rows)


def test_what_a_sender_made_up_is_no_name_of_a_field() -> None:
    assert field_of("/goods_items/12/detail/charges") == "detail/charges"
    assert field_of("/Zelda Nightingale, Long Lane 3") == ""
    assert field_of("") == ""
