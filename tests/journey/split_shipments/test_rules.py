"""Parcels of one order are found whichever way a name or an address is written; neighbours are not."""

from hypothesis import given
from hypothesis import strategies as st

from serai.journey.split_shipments.rules import Candidate, find_groups

HOUR_MS = 3_600_000
ANN, ANN_MARY, BOB = b"aaaabbbb", b"aaaabbbbcccc", b"ddddeeee"


def sent(number: int, value: int, hour: int, person: bytes = ANN, key: int = 1) -> Candidate:
    return Candidate(key, number, person, value, 15_000, hour * HOUR_MS)


def groups(*parcels: Candidate, parcels_min: int = 2) -> list[list[int]]:
    found = find_groups(parcels, window_days=3, parcels_min=parcels_min)
    return [[one.consignment_id for one in group.parcels] for group in found]


def test_parcels_above_the_limit_together_are_a_group_and_below_it_none() -> None:
    assert groups(sent(1, 9_000, 0), sent(2, 9_000, 5)) == [[1, 2]]
    assert groups(sent(1, 7_500, 0), sent(2, 7_500, 5)) == [], "at the limit is not above it"


def test_the_window_moves() -> None:
    chain = [sent(1, 8_000, 0), sent(2, 8_000, 70), sent(3, 8_000, 140)]
    assert groups(*chain) == [[1, 2, 3]]
    assert groups(sent(1, 9_000, 0), sent(2, 9_000, 73)) == []


def test_a_household_that_orders_often_is_none_while_its_windows_stay_below() -> None:
    assert groups(*(sent(day, 4_900, 24 * day) for day in range(20))) == [[*range(20)]]
    assert groups(*(sent(day, 3_700, 24 * day) for day in range(20))) == []


def test_names_meet_however_written_and_other_people_do_not() -> None:
    assert groups(sent(1, 9_000, 0, ANN), sent(2, 9_000, 5, ANN_MARY)) == [[1, 2]]
    assert groups(sent(1, 9_000, 0, ANN), sent(2, 9_000, 5, BOB)) == []
    assert groups(sent(1, 9_000, 0, b""), sent(2, 9_000, 5, b"")) == [], "nobody named is nobody's"


def test_too_few_parcels_are_none() -> None:
    assert groups(sent(1, 9_000, 0), sent(2, 9_000, 5), parcels_min=3) == []


parcels = st.lists(
    st.builds(
        sent,
        st.integers(),
        st.integers(0, 15_000),
        st.integers(0, 400),
        st.sampled_from([ANN, ANN_MARY, BOB, b""]),
        st.integers(1, 3),
    ),
    max_size=30,
    unique_by=lambda one: one.consignment_id,
)


@given(parcels)
def test_each_parcel_is_in_one_group_at_most_and_each_group_above_the_limit(some: list[Candidate]) -> None:
    found = groups(*some)

    named = [one for group in found for one in group]
    assert len(named) == len(set(named))
    by_id = {one.consignment_id: one for one in some}
    for group in found:
        assert sum(by_id[one].value_minor for one in group) > 15_000
        assert len({by_id[one].key_hash for one in group}) == 1
