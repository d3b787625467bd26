"""A batch drawn at once is drawn as if its consignments had come one after the other."""

import datetime as dt
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.foundation.shipped import find_shipped
from serai.journey.assessment.drawing import CumulativeAllowanceStands, find_counted, read_drawn, stand
from serai.journey.pipeline import Context, Processed, run_pipeline
from serai.journey.screening.lists import build_lists
from serai.law.book import LawBook
from serai.law.counting import period_begins
from serai.law.goods_kinds import no_goods_kinds
from serai.law.library import load_book
from serai.law.load import decode_table
from serai.law.tariff import TariffLine, day_number
from serai.law.vague_words import no_vague_words
from serai.model.columns import Int64s
from serai.model.documents import Consignment
from serai.model.frames import ABSENT
from tests.journey.processing.counted import TARIFF, to_china

AT_MS = int(dt.datetime(2026, 7, 1, tzinfo=dt.UTC).timestamp() * 1000)
_LAWS = find_shipped("laws")


def _book() -> LawBook:
    names = ("CN-CBEC-2019/pack.yaml", "tables/territories.csv")
    files = {name: (_LAWS / name).read_bytes() for name in names}
    return load_book(files, tariff_lines=decode_table(TARIFF, TariffLine, "tariff"))


BOOK = _book()
LISTS = build_lists([], no_vague_words(), no_goods_kinds())


def orders(amounts: list[int]) -> list[Consignment]:
    """Orders of so many fen each."""
    made = [to_china(f"n{n}", f"{fen / 100:.2f}", "ID") for n, fen in enumerate(amounts)]
    return [msgspec.convert(one, Consignment) for one in made]


def clear(documents: list[Consignment], cumulative_allowances: list[CumulativeAllowanceStands]) -> Processed:
    context = replace(
        Context.empty(len(documents)), standings=stand([[one] for one in cumulative_allowances])
    )
    return run_pipeline(documents, ["1"] * len(documents), AT_MS, BOOK, LISTS, context=context)


def cumulative_allowance(
    key: int, balance: int = 0, own: int = 0, before: int | None = None
) -> CumulativeAllowanceStands:
    return CumulativeAllowanceStands("allowance_used", key, balance, own, before, is_mutual=False)


def found(processed: Processed) -> list[tuple[int, int]]:
    """Balance before and what is drawn, of each order."""
    used = processed.consignments.numbers("allowance_used").tolist()
    drawn = read_drawn(processed.runs, len(used))["allowance_used"].tolist()
    return list(zip(used, drawn, strict=True))


PARCELS = st.lists(
    st.tuples(
        st.sampled_from([1, 100_000, 260_000, 499_999, 500_000, 700_000, 1_300_000]), st.integers(0, 2)
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40)
@given(PARCELS, st.integers(0, 2_600_001))
def test_a_batch_is_drawn_as_if_one_came_after_the_other(parcels: Any, balance: int) -> None:
    documents = orders([fen for fen, _ in parcels])

    at_once = found(clear(documents, [cumulative_allowance(buyer, balance) for _, buyer in parcels]))

    stands = dict.fromkeys(range(3), balance)
    for (_, buyer), document, (used, drawn) in zip(parcels, documents, at_once, strict=True):
        assert found(clear([document], [cumulative_allowance(buyer, stands[buyer])])) == [(used, drawn)]
        assert used == stands[buyer]
        stands[buyer] += drawn
    assert max(stands.values()) <= max(2_600_000, balance), "never above the year's limit by drawing"


def test_a_thousand_orders_of_one_buyer_are_drawn_in_order() -> None:
    amounts = [500_000, 499_999, 3] * 333

    drawn = [one for _, one in found(clear(orders(amounts), [cumulative_allowance(0)] * len(amounts)))]

    left, wanted = 2_600_000, []
    for fen in amounts:
        wanted.append(fen if fen <= left else 0)
        left -= wanted[-1]
    assert drawn == wanted


def test_a_place_is_kept_and_lost_when_more_is_drawn() -> None:
    """Three of a buyer are decided again: the first as it was, the second draws more, the third less."""
    documents = orders([500_000, 500_000, 100_000])
    cumulative_allowances = [
        cumulative_allowance(0, 2_500_000, 500_000, before=0),
        cumulative_allowance(0, 2_500_000, 400_000, before=500_000),
        cumulative_allowance(0, 2_500_000, 1_600_000, before=900_000),
    ]

    again = found(clear(documents, cumulative_allowances))

    assert again[0] == (0, 500_000), "before later ones, whatever they drew"
    assert again[1] == (2_100_000, 500_000), "after all others, and there is just enough left"
    assert again[2] == (900_000, 100_000)


def test_whoever_moves_back_finds_what_others_have_left() -> None:
    documents = orders([500_000])

    again = found(clear(documents, [cumulative_allowance(0, 2_600_000, 100_000, before=0)]))

    assert again == [(2_500_000, 0)], "the order is above what is left: it draws no more"


@pytest.mark.parametrize(
    ("per", "day", "begins"),
    [
        ("day", "2026-07-02", "2026-07-02"),
        ("month", "2026-07-31", "2026-07-01"),
        ("quarter", "2026-06-30", "2026-04-01"),
        ("half_year", "2026-07-01", "2026-07-01"),
        ("half_year", "2026-06-30", "2026-01-01"),
        ("year", "2024-12-31", "2024-01-01"),
    ],
)
def test_periods_are_those_of_the_calendar(per: str, day: str, begins: str) -> None:
    days: Int64s = np.array([day_number(dt.date.fromisoformat(day))])

    assert period_begins(days, per).tolist() == [day_number(dt.date.fromisoformat(begins))]


def test_only_where_a_law_counts_something_is_found() -> None:
    processed = clear(orders([100]), [cumulative_allowance(0)])
    elsewhere = run_pipeline(
        [
            msgspec.convert(
                {**to_china("x", "1.00", None), "consignee": {"name": "A", "country_code": "DE"}}, Consignment
            )
        ],
        ["1"],
        AT_MS,
        BOOK,
        LISTS,
        context=Context.empty(1),
    )

    (one,) = find_counted(processed.consignments, BOOK)
    assert (one.counted.word, one.period_on) == ("allowance_used", day_number(dt.date(2026, 1, 1)))
    assert find_counted(elsewhere.consignments, BOOK) == []
    assert found(elsewhere) == [(ABSENT, ABSENT)]
