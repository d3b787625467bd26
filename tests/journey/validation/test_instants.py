"""Instants in bulk are those of the calendar, whatever stands beside them."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from serai.journey.validation.instants import read_instant, read_instants
from serai.model.frames import ABSENT

FIRST, LAST = dt.datetime.fromisoformat("1969-12-30"), dt.datetime.fromisoformat("9991-01-02")
COMMON = st.datetimes(FIRST, LAST).map(lambda at: at.replace(microsecond=0).isoformat() + "Z")
SPOILT = st.tuples(COMMON, st.integers(0, 19), st.characters(codec="utf-8")).map(
    lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] + 1 :]
)
DIGITS = st.text("0123456789", min_size=14, max_size=14).map(
    lambda d: f"{d[:4]}-{d[4:6]}-{d[6:8]}T{d[8:10]}:{d[10:12]}:{d[12:]}Z"
)
OTHER = st.sampled_from(
    ["2026-07-01T00:30:00+02:00", "2026-07-01", "2026-02-29T00:00:00Z", "2028-02-29T23:59:59Z", "", "Z" * 20]
)


@given(st.lists(st.none() | COMMON | SPOILT | DIGITS | OTHER, max_size=80))
def test_many_are_read_as_each_alone(texts: list[str | None]) -> None:
    instants, faulty = read_instants(texts)

    alone = [None if text is None else read_instant(text) for text in texts]
    assert instants.tolist() == [ABSENT if value is None else value for value in alone]
    assert faulty == [
        row for row, text in enumerate(texts) if text is not None and read_instant(text) is None
    ]


def test_texts_that_are_an_instant_only_side_by_side_are_none() -> None:
    texts = ["2026-06-30T21:59:59", "Z2026-06-30T21:59:59Z"] * 20

    instants, faulty = read_instants(texts)

    assert set(instants.tolist()) == {ABSENT}
    assert faulty == list(range(40))
