"""What is asked of a few rows is answered as NumPy answers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from serai.law.small_arrays import all_true, among, any_true, distinct, places_of
from serai.model.columns import Flags

FLAGS = st.lists(st.booleans(), max_size=90).map(lambda flags: np.array(flags, dtype=np.bool_))


@given(st.lists(st.integers(-5, 5) | st.integers(-(2**62), 2**62), min_size=1, max_size=140))
def test_distinct_numbers_are_those_of_numpy(numbers: list[int]) -> None:
    key = np.array(numbers, dtype=np.int64)

    found = distinct(key)

    _, first_rows, inverse = np.unique(key, return_index=True, return_inverse=True)
    assert found.first_rows == first_rows.tolist()
    assert found.inverse.tolist() == inverse.tolist()


def test_nothing_has_nothing_distinct() -> None:
    found = distinct(np.zeros(0, dtype=np.int64))

    assert (found.first_rows, len(found.inverse)) == ([], 0)


@given(FLAGS)
def test_flags_are_asked_as_numpy_asks(flags: Flags) -> None:
    assert any_true(flags) == bool(flags.any())
    assert all_true(flags) == bool(flags.all())
    assert any_true(flags[::2]) == bool(flags[::2].any())
    assert places_of(flags).tolist() == np.flatnonzero(flags).tolist()


@given(st.lists(st.integers(-5, 5), max_size=500), st.sets(st.integers(-5, 5)))
def test_numbers_among_others_are_those_of_numpy(numbers: list[int], wanted: set[int]) -> None:
    column = np.array(numbers, dtype=np.int64)

    assert among(column, wanted).tolist() == np.isin(column, list(wanted)).tolist()
