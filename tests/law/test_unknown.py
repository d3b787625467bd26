"""One truth table for every operator with unknown: what the unknown cannot change is known, nothing else."""

from itertools import product

import numpy as np
import pytest

from serai.law.expression import Symbol
from serai.law.values import Value
from tests.law.table import Cell, cells_of, column, compiled, table

FLAG = Symbol("flag", "item")
MONEY = Symbol("money", "item", "EUR")
CODE = Symbol("code", "item")
THREE: tuple[Cell, ...] = (True, False, None)
PAIRS = list(product(THREE, THREE))


def _answers(text: str, **columns: list[Cell]) -> list[int | None]:
    count = len(next(iter(columns.values())))
    kinds = {name: MONEY if name in "mn" else CODE if name == "c" else FLAG for name in columns}
    rows = table(range(count), **{name: column(cells) for name, cells in columns.items()})
    return cells_of(compiled(text, **kinds).evaluate(rows), count)


def _kleene_and(a: Cell, b: Cell) -> Cell:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def _kleene_or(a: Cell, b: Cell) -> Cell:
    if a is True or b is True:
        return True
    return None if a is None or b is None else False


@pytest.mark.parametrize(("text", "expected"), [("a AND b", _kleene_and), ("a OR b", _kleene_or)])
def test_and_or_follow_kleene(text: str, expected: object) -> None:
    got = _answers(text, a=[a for a, _ in PAIRS], b=[b for _, b in PAIRS])

    assert callable(expected)
    assert got == [expected(a, b) for a, b in PAIRS]


def test_not_of_unknown_is_unknown() -> None:
    assert _answers("NOT a", a=list(THREE)) == [False, True, None]


def test_is_null_is_always_known() -> None:
    assert _answers("a IS NULL", a=list(THREE)) == [False, False, True]
    assert _answers("a IS NOT NULL", a=list(THREE)) == [True, True, False]
    assert _answers("c IS NULL", c=["x", None]) == [False, True]
    assert _answers("c IS NOT NULL", c=["x", None]) == [True, False]


def test_comparison_with_unknown_is_unknown() -> None:
    assert _answers("m <= n", m=[1, 2, None, 1], n=[1, 1, 1, None]) == [True, False, None, None]
    assert _answers("c = 'x'", c=["x", "y", None]) == [True, False, None]
    assert _answers("c <> 'x'", c=["x", "y", None]) == [False, True, None]
    assert _answers("c IN ('x', 'z')", c=["x", "y", None]) == [True, False, None]


def test_case_hangs_on_its_condition_and_the_branch_taken() -> None:
    got = _answers(
        "CASE WHEN a THEN m ELSE n END",
        a=[True, True, False, False, None],
        m=[1, None, 1, None, 1],
        n=[2, 2, None, 2, 2],
    )

    assert got == [1, None, None, 2, None]


def test_coalesce_takes_the_first_that_is_known() -> None:
    assert _answers("COALESCE(m, n)", m=[1, None, None], n=[2, 2, None]) == [1, 2, None]


def test_sum_is_unknown_with_one_unknown_item_and_flags_are_decided_by_one_item() -> None:
    rows = table(
        [0, 0, 1, 1, 2, 2],
        m=column([1, 2, 3, None, 5, 6]),
        a=column([True, None, False, None, False, False]),
    )

    assert cells_of(compiled("SUM(m)", m=MONEY).evaluate(rows), 3) == [3, None, 11]
    assert cells_of(compiled("BOOL_OR(a)", a=FLAG).evaluate(rows), 3) == [True, None, False]
    assert cells_of(compiled("BOOL_AND(a)", a=FLAG).evaluate(rows), 3) == [None, False, False]


def test_division_by_zero_is_unknown() -> None:
    count = Symbol("count", "item")
    rows = table([0, 1], m=column([100, 100]), k=column([2, 0]), one=column([1, 1]))
    half = compiled("m * (one / k)", m=MONEY, k=count, one=count)

    assert cells_of(half.evaluate(rows), 2) == [50, None]


def test_code_shorter_than_a_listed_prefix_is_neither_in_nor_out() -> None:
    listed = Value(np.zeros(1, dtype=np.int64), lists=(("93070000", "2404"),))
    rows = table([0, 1, 2, 3], c=column(["930700", "9307000010", "240411", "610910"]), listed=listed)
    text = "STARTS_WITH_ANY(c, listed)"

    got = compiled(text, c=CODE, listed=Symbol("code", None, is_list=True)).evaluate(rows)

    assert cells_of(got, 4) == [None, True, True, False]
