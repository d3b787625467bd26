"""Two lines answer the same question only where goods, origin and days meet."""

import datetime as dt
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from serai.law.tariff_line import TariffLine
from serai.law.tariff_overlap import Occupied, Place

DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2025, 1, 20))


@st.composite
def lines(draw: st.DrawFn) -> TariffLine:
    start, end = sorted(draw(st.tuples(DAYS, DAYS)))
    origins = draw(st.sampled_from([(), ("CN",), ("CN", "KR"), ("KR", "NO")]))
    return TariffLine(
        measure="duty",
        commodity_prefix=draw(st.sampled_from(["61", "6109"])),
        valid_from=start,
        valid_to=draw(st.sampled_from([end + dt.timedelta(days=1), None])),
        source="Act",
        origin_code="" if origins else draw(st.sampled_from(["", "CN"])),
        origin_codes=origins,
    )


def _link_documents(one: TariffLine, other: TariffLine) -> bool:
    is_same = one.commodity_prefix == other.commodity_prefix and one.origin_code == other.origin_code
    is_for_both = set(one.origin_codes) & set(other.origin_codes) or not (
        one.origin_codes or other.origin_codes
    )
    ends = [line.valid_to or dt.date.max for line in (one, other)]
    return bool(is_same and is_for_both and one.valid_from < ends[1] and other.valid_from < ends[0])


@given(st.lists(lines(), max_size=20))
def test_what_is_taken_never_overlaps_and_what_is_refused_does(given_lines: list[TariffLine]) -> None:
    occupied = Occupied()
    taken: list[TariffLine] = []
    for line in given_lines:
        place = occupied.find_overlap(line)

        assert (place is not None) == any(_link_documents(line, one) for one in taken)
        if place is None:
            occupied.add(line, Place("", len(taken)))
            taken.append(line)
        else:
            assert _link_documents(line, taken[place.number])
    assert not any(_link_documents(one, other) for one, other in combinations(taken, 2))
