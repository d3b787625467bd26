"""The look-up of a tariff against a plain and slow one: every line is held against every question."""

import datetime as dt
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from serai.law.tariff import CODE_TOO_SHORT, NO_LINE, Asked, Tariff, TariffLine, day_number
from serai.model.columns import encode_words

DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2025, 12, 1))
ORIGINS = ("CN", "US", "KR")
CODES = ("C111", "C222")


@st.composite
def tariff_lines(draw: st.DrawFn) -> TariffLine:
    group = draw(st.sampled_from(["any", "one", "several"]))
    origins = draw(st.lists(st.sampled_from(ORIGINS), min_size=2, max_size=3, unique=True))
    return TariffLine(
        measure=draw(st.sampled_from(["duty", "dumping"])),
        commodity_prefix=draw(st.text("12", min_size=2, max_size=6)),
        valid_from=draw(DAYS),
        valid_to=draw(st.none() | DAYS),
        source="Act",
        origin_code=origins[0] if group == "one" else "",
        origin_codes=tuple(origins) if group == "several" else (),
        excluded_origin_codes=tuple(draw(st.lists(st.sampled_from(ORIGINS), max_size=1))),
        preference_code=draw(st.sampled_from(["", "", "300"])),
        additional_code=draw(st.sampled_from(["", "", *CODES])),
        territory_code=draw(st.sampled_from(["", "EU"])),
        ad_valorem_ppm=draw(st.sampled_from([0, 40_000])),
        is_extract=draw(st.booleans()) and draw(st.booleans()),
    )


QUESTIONS = st.builds(
    Asked,
    st.sampled_from(["duty", "dumping"]),
    st.text("12", min_size=1, max_size=7) | st.sampled_from(["", "12AB", "1"]),
    st.sampled_from(["", "DE", *ORIGINS]),
    st.sampled_from(["", "100", "300"]),
    st.sampled_from(["EU", "GB"]),
    DAYS.map(day_number),
    st.sampled_from(["", "C111", "C222", "C111 C222", "C333", "C111 VATZ"]),
)


def answer(lines: list[TariffLine], asked: Asked) -> int:
    """What the law says, line by line."""
    fitting = [number for number, line in enumerate(lines) if _is_for(line, asked)]
    for is_coded in (True, False):
        above = [
            number
            for number in fitting
            if bool(lines[number].additional_code) == is_coded
            and asked.commodity_code.startswith(lines[number].commodity_prefix)
        ]
        if above:
            longest = max(len(lines[number].commodity_prefix) for number in above)
            return _closest(lines, [n for n in above if len(lines[n].commodity_prefix) == longest])
    below: dict[str, list[int]] = {}
    if len(asked.commodity_code) > 1 and asked.commodity_code.isdigit():
        for number in fitting:
            if lines[number].commodity_prefix.startswith(asked.commodity_code):
                below.setdefault(lines[number].commodity_prefix, []).append(number)
    if not below:
        return NO_LINE
    best = [_closest(lines, numbers) for numbers in below.values()]
    is_certain = not any(lines[number].is_extract for number in best)
    is_agreed = len({lines[number].ad_valorem_ppm for number in best}) == 1
    return min(best) if is_certain and is_agreed else CODE_TOO_SHORT


def _is_for(line: TariffLine, asked: Asked) -> bool:
    origins = line.origin_codes or ((line.origin_code,) if line.origin_code else ())
    wanted = "" if asked.preference_code == "100" else asked.preference_code
    return (
        line.measure == asked.measure
        and line.preference_code == wanted
        and (not origins or asked.origin_code in origins)
        and asked.origin_code not in line.excluded_origin_codes
        and line.territory_code in ("", asked.territory_code)
        and line.additional_code in ("", *asked.additional_codes.split())
        and day_number(line.valid_from) <= asked.day
        and (line.valid_to is None or asked.day < day_number(line.valid_to))
    )


def _closest(lines: list[TariffLine], numbers: list[int]) -> int:
    def rank(number: int) -> tuple[Any, ...]:
        line = lines[number]
        origin = 2 if line.origin_code else 1 if line.origin_codes else 0
        return (bool(line.additional_code), origin, bool(line.territory_code), -number)

    return max(numbers, key=rank)


@given(st.lists(tariff_lines(), min_size=1, max_size=25), st.lists(QUESTIONS, min_size=40, max_size=80))
def test_each_question_gets_the_plain_answer_alone_and_in_bulk(
    lines: list[TariffLine], questions: list[Asked]
) -> None:
    tariff = Tariff(lines)
    expected = [answer(lines, asked) for asked in questions]

    assert [tariff.find(asked) for asked in questions] == expected
    for measure in ("duty", "dumping"):
        rows = [row for row, asked in enumerate(questions) if asked.measure == measure]
        codes, origins, preferences, territories, additional = (
            encode_words([str(questions[row][place]) for row in rows]) for place in (1, 2, 3, 4, 6)
        )
        days = np.array([questions[row].day for row in rows], dtype=np.int64)
        if rows:
            found = tariff.find_all(measure, (codes, origins, preferences), territories, days, additional)
            assert found.tolist() == [expected[row] for row in rows]


def test_with_the_code_of_a_producer_its_rate_and_without_it_that_of_all_others() -> None:
    terms: dict[str, Any] = {
        "measure": "dumping",
        "valid_from": dt.date(2020, 1, 1),
        "valid_to": None,
        "source": "Reg.",
    }
    tariff = Tariff(
        [
            TariffLine(commodity_prefix="87120030", origin_code="CN", ad_valorem_ppm=485_000, **terms),
            TariffLine(
                commodity_prefix="8712",
                origin_code="CN",
                additional_code="B772",
                ad_valorem_ppm=192_000,
                **terms,
            ),
        ]
    )
    day = day_number(dt.date(2026, 1, 1))

    def rate(origin: str, claimed: str) -> int | None:
        found = tariff.find(Asked("dumping", "8712003000", origin, "", "EU", day, claimed))
        return tariff.lines[found].ad_valorem_ppm if found >= 0 else None

    assert rate("CN", "") == 485_000
    assert rate("CN", "B772") == 192_000
    assert rate("CN", "B999 VATZ") == 485_000
    assert rate("TN", "B772") is None
