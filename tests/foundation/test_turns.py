"""Turns: who waits is served by rows, however much another hands in."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from serai.foundation.turns import Turns

Thing = tuple[str, int]


def waiting(
    *things: tuple[str, int], share_count: int = 10, gone: frozenset[Thing] = frozenset()
) -> Turns[Thing]:
    """Things by asker and rows; each is named by asker and place in the line of all."""
    turns: Turns[Thing] = Turns(share_count=share_count, is_gone=lambda thing: thing in gone)
    for place, (asker, rows_count) in enumerate(things):
        turns.add(asker, (asker, place), rows_count)
    return turns


def askers(batch: list[Thing]) -> str:
    return "".join(asker for asker, _ in batch)


def test_one_who_comes_last_is_in_the_next_batch() -> None:
    turns = waiting(*[("a", 10)] * 20, ("b", 10))

    assert askers(turns.take(40)) == "abaa"
    assert askers(turns.take(40)) == "aaaa"


def test_many_small_things_and_few_large_ones_get_equally_many_rows() -> None:
    turns = waiting(*[("a", 40)] * 10, *[("b", 1)] * 400)

    rows: Counter[str] = Counter()
    for _ in range(8):
        for asker, place in turns.take(40):
            rows[asker] += 40 if place < 10 else 1

    assert abs(rows["a"] - rows["b"]) <= 40


def test_a_turn_that_a_full_batch_cut_short_goes_on() -> None:
    turns = waiting(("a", 6), ("b", 6), ("b", 4), ("c", 6))

    assert askers(turns.take(10)) == "a"
    assert askers(turns.take(10)) == "bb"
    assert askers(turns.take(10)) == "c"


def test_what_nobody_waits_for_takes_no_room() -> None:
    turns = waiting(("a", 10), ("a", 10), ("b", 10), gone=frozenset({("a", 0), ("b", 2)}))

    assert turns.take(10) == [("a", 1)]
    assert (len(turns), turns.rows_count, turns.askers_count) == (0, 0, 0)


@given(
    things=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 60)), max_size=40),
    share_count=st.integers(1, 50),
    rows_count_max=st.integers(1, 80),
)
def test_all_are_served_once_each_in_its_askers_order(
    things: list[tuple[str, int]], share_count: int, rows_count_max: int
) -> None:
    turns = waiting(*things, share_count=share_count)

    batches = []
    while turns:
        batches.append(turns.take(rows_count_max))
        assert batches[-1]
        assert len(batches[-1]) == 1 or sum(things[place][1] for _, place in batches[-1]) <= rows_count_max

    served = [thing for batch in batches for thing in batch]
    assert sorted(place for _, place in served) == list(range(len(things)))
    for asker in "abcd":
        places = [place for its, place in served if its == asker]
        assert places == sorted(places)
    assert turns.rows_count == 0
