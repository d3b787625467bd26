"""Many questions at once get the answers that each gets alone, also over a large tariff."""

import datetime as dt
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.law.tariff import CODE_TOO_SHORT, NO_LINE, Asked, Tariff, TariffLine, day_number
from serai.model.columns import encode_words

DAY = day_number(dt.date(2026, 8, 1))
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2027, 1, 1))
ORIGINS = ("CN", "US", "KR", "NO")


def _line(prefix: str, ppm: int, **fields: Any) -> TariffLine:
    given_ = {"measure": "duty", "valid_from": dt.date(2020, 1, 1), "valid_to": None, "source": "Act"}
    return TariffLine(commodity_prefix=prefix, ad_valorem_ppm=ppm, **{**given_, **fields})


@st.composite
def lines(draw: st.DrawFn) -> TariffLine:
    group = draw(st.sampled_from(["any", "one", "several"]))
    origins = draw(st.lists(st.sampled_from(ORIGINS), min_size=2, max_size=3, unique=True))
    return _line(
        draw(st.text("12", min_size=2, max_size=6)),
        draw(st.sampled_from([0, 40_000, 80_000])),
        measure=draw(st.sampled_from(["duty", "dumping"])),
        origin_code=origins[0] if group == "one" else "",
        origin_codes=tuple(origins) if group == "several" else (),
        excluded_origin_codes=tuple(draw(st.lists(st.sampled_from(ORIGINS), max_size=1))),
        preference_code=draw(st.sampled_from(["", "", "300"])),
        territory_code=draw(st.sampled_from(["", "EU", "GB"])),
        valid_from=draw(DAYS),
        valid_to=draw(st.none() | DAYS),
        is_extract=draw(st.booleans()) and draw(st.booleans()),
    )


QUESTIONS = st.tuples(
    st.text("12", min_size=1, max_size=7) | st.sampled_from(["", "12AB", "1", "12121212121212121"]),
    st.sampled_from(["", "DE", *ORIGINS]),
    st.sampled_from(["", "100", "300", "400"]),
    st.sampled_from(["EU", "GB", "XX"]),
    DAYS,
)


@pytest.mark.in_turn
@given(st.lists(lines(), min_size=1, max_size=25), st.lists(QUESTIONS, min_size=40, max_size=80))
def test_many_questions_get_the_answers_each_gets_alone(
    given_lines: list[TariffLine], questions: list[tuple[str, str, str, str, dt.date]]
) -> None:
    tariff = Tariff(given_lines)
    commodity, origin, preference, territory = (
        encode_words([str(question[place]) for question in questions]) for place in range(4)
    )
    days = np.array([day_number(question[4]) for question in questions], dtype=np.int64)

    found = tariff.find_all("duty", (commodity, origin, preference), territory, days)

    alone = [
        tariff.find(Asked("duty", *question[:4], int(day)))
        for question, day in zip(questions, days, strict=True)
    ]
    assert found.tolist() == alone


def test_a_country_goes_before_a_group_and_an_excluded_one_is_left_out() -> None:
    tariff = Tariff(
        [
            _line("6109", 1, excluded_origin_codes=("NO",)),
            _line("6109", 2, origin_codes=("CN", "KR")),
            _line("6109", 3, origin_code="CN"),
        ]
    )

    found = [tariff.find(Asked("duty", "610910", code, "", "EU", DAY)) for code in ("CN", "KR", "US", "NO")]

    assert found == [2, 1, 0, NO_LINE]


def test_lines_for_other_origins_do_not_make_a_code_too_short() -> None:
    tariff = Tariff([_line("61091000", 5), _line("61091000", 9, origin_code="CN"), _line("61099020", 9)])

    assert tariff.find(Asked("duty", "6109", "US", "", "EU", DAY)) == CODE_TOO_SHORT
    assert tariff.find(Asked("duty", "6109", "CN", "", "EU", DAY)) == 1


def test_a_short_code_is_told_with_range_and_at_most_five_candidates() -> None:
    tariff = Tariff([_line(f"950300{n:02}", n * 1000) for n in range(21, 29)])

    short = tariff.render_short(Asked("duty", "9503", "CN", "", "EU", DAY))

    assert short is not None
    assert (short.lowest_ppm, short.highest_ppm, short.line_count) == (21_000, 28_000, 8)
    assert [line.commodity_prefix for line in short.candidates] == [f"950300{n}" for n in range(21, 26)]


def test_a_large_tariff_answers_as_one_by_one() -> None:
    chance = random.Random(3)
    codes = sorted({f"{chance.randrange(10**9, 10**10)}" for _ in range(30_000)})
    tariff = Tariff(
        [_line(code, n % 7 * 10_000) for n, code in enumerate(codes)]
        + [_line(code[:8], n % 5 * 10_000, origin_code="CN") for n, code in enumerate(codes)]
    )
    asked = [code[: chance.choice((4, 6, 8, 10))] for code in chance.sample(codes, 2000)]
    days = np.full(len(asked), DAY, dtype=np.int64)
    words = encode_words(asked), encode_words(["CN"] * len(asked)), None

    found = tariff.find_all("duty", words, encode_words(["EU"] * len(asked)), days)

    assert found.tolist() == [tariff.find(Asked("duty", code, "CN", "", "EU", DAY)) for code in asked]
