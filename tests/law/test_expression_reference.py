"""NumPy closures against a plain evaluator that knows one row, over random expressions and random rows."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.law.expression import Symbol
from serai.law.node import DEPTH_MAX
from tests.law.table import cells_of, column, compiled, table

Row = dict[str, Any]
Pair = tuple[str, Callable[[Row], Any]]
PPM = 1_000_000
SYMBOLS = {
    "m": Symbol("money", "item", "EUR"),
    "n": Symbol("money", "item", "EUR"),
    "r": Symbol("rate", "item"),
    "k": Symbol("count", "item"),
    "a": Symbol("flag", "item"),
    "b": Symbol("flag", "item"),
    "cap": Symbol("money", "consignment", "EUR"),
}


def _half_up(exact: Fraction) -> int:
    whole = (2 * abs(exact) + 1) // 2
    return int(whole) if exact >= 0 else -int(whole)


def _lift(operate: Callable[..., Any], *parts: Callable[[Row], Any]) -> Callable[[Row], Any]:
    def evaluate(row: Row) -> Any:
        values = [part(row) for part in parts]
        return None if None in values else operate(*values)

    return evaluate


def _leaf(name: str) -> Pair:
    return name, lambda row: row[name]


def _sum(a: Pair, b: Pair, sign: str) -> Pair:
    operate = (lambda x, y: x + y) if sign == "+" else (lambda x, y: x - y)
    return f"({a[0]} {sign} {b[0]})", _lift(operate, a[1], b[1])


def _taxed(a: Pair) -> Pair:
    return f"({a[0]} * r)", _lift(lambda x, r: _half_up(Fraction(x * r, PPM)), a[1], _leaf("r")[1])


def _counted(a: Pair) -> Pair:
    return f"({a[0]} * k)", _lift(lambda x, k: x * k, a[1], _leaf("k")[1])


def _least(a: Pair, b: Pair) -> Pair:
    return f"LEAST({a[0]}, {b[0]})", _lift(min, a[1], b[1])


def _case(condition: Pair, a: Pair, b: Pair) -> Pair:
    def evaluate(row: Row) -> Any:
        test = condition[1](row)
        return None if test is None else (a if test else b)[1](row)

    return f"CASE WHEN {condition[0]} THEN {a[0]} ELSE {b[0]} END", evaluate


def _first(a: Pair, b: Pair) -> Pair:
    def evaluate(row: Row) -> Any:
        found = a[1](row)
        return b[1](row) if found is None else found

    return f"COALESCE({a[0]}, {b[0]})", evaluate


def _compare(a: Pair, b: Pair) -> Pair:
    return f"({a[0]} <= {b[0]})", _lift(lambda x, y: x <= y, a[1], b[1])


def _and(a: Pair, b: Pair) -> Pair:
    def evaluate(row: Row) -> Any:
        values = (a[1](row), b[1](row))
        return False if False in values else None if None in values else True

    return f"({a[0]} AND {b[0]})", evaluate


def _not(a: Pair) -> Pair:
    return f"(NOT {a[0]})", _lift(lambda x: not x, a[1])


money: st.SearchStrategy[Pair] = st.deferred(
    lambda: (
        st.sampled_from([_leaf("m"), _leaf("n"), _leaf("cap")])
        | st.builds(_sum, money, money, st.sampled_from("+-"))
        | st.builds(_taxed, money)
        | st.builds(_counted, st.just(_leaf("m")))
        | st.builds(_least, money, money)
        | st.builds(_case, flag, money, money)
        | st.builds(_first, money, money)
    )
)
flag: st.SearchStrategy[Pair] = st.deferred(
    lambda: (
        st.sampled_from([_leaf("a"), _leaf("b")])
        | st.builds(_compare, money, money)
        | st.builds(_and, flag, flag)
        | st.builds(_not, flag)
    )
)
amounts = st.none() | st.integers(-(10**6), 10**6)
rows_of = st.lists(
    st.fixed_dictionaries(
        {
            "m": amounts,
            "n": amounts,
            "r": st.none() | st.integers(0, 2 * PPM),
            "k": st.none() | st.integers(0, 50),
            "a": st.none() | st.booleans(),
            "b": st.none() | st.booleans(),
            "cap": amounts,
        }
    ),
    min_size=1,
    max_size=6,
)


def _nesting(pair: Pair) -> int:
    """A bracket is two levels of the tree: itself and what stands in it."""
    depth = most = 0
    for token in re.findall(r"\(|\)|CASE|END", pair[0]):
        depth += {"(": 2, "CASE": 1, ")": -2, "END": -1}[token]
        most = max(most, depth)
    return most


@pytest.mark.in_turn
@settings(max_examples=150)
@given(money.filter(lambda pair: _nesting(pair) < DEPTH_MAX), rows_of, st.data())
def test_every_row_gets_what_a_plain_evaluator_gives(
    pair: Pair, rows: list[Row], data: st.DataObject
) -> None:
    text, reference = pair
    owner = sorted(data.draw(st.lists(st.integers(0, 1), min_size=len(rows), max_size=len(rows))))
    owner = [consignment - owner[0] for consignment in owner]
    for row, consignment in zip(rows, owner, strict=True):
        row["cap"] = rows[owner.index(consignment)]["cap"]
    columns = {name: column([row[name] for row in rows]) for name in "mnkab"}
    caps = column([rows[owner.index(consignment)]["cap"] for consignment in dict.fromkeys(owner)])
    environment = table(owner, **columns, r=column([row["r"] for row in rows], PPM), cap=caps)

    value = compiled(text, **SYMBOLS)
    got = value.evaluate(environment)
    wanted = [reference(row) for row in rows]

    if value.level == "consignment":
        wanted = [wanted[owner.index(consignment)] for consignment in dict.fromkeys(owner)]
    assert cells_of(got, len(wanted)) == wanted
