"""Two orders of a table are one law where no state tells them apart, unknown data among them."""

import random
from itertools import product

import pytest
from msgspec.structs import replace

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.law_bench.same_choice import chooses_the_same
from serai.law.expression import Symbol
from serai.law.library import decode_packs
from serai.law.pack import Choice, Definition, Pack
from tests.law.table import Cell, cells_of, column, compiled, table

FLAG, MONEY = Symbol("flag", "item"), Symbol("money", "item", "EUR")
SYMBOLS = {"a": FLAG, "b": FLAG, "m": MONEY, "n": MONEY}


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    return dict(decode_packs(read_law_files(find_shipped("laws"))))


def _is_same(first: str, second: str, *packs: Pack) -> bool:
    rows = [Choice(code="A", when=first), Choice(code="B", when=second)]
    return chooses_the_same(rows, rows[::-1], packs)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("value <= floor", "value > floor", True),
        ("value <= floor", "NOT floor < value", False),
        ("value <= floor", "floor <= value", False),
        ("kind = 'gift' AND a", "kind IN ('B2C', 'B2B') AND b", True),
        ("kind = 'gift' AND a", "kind IN ('B2C', 'gift') AND b", False),
        ("a AND b", "NOT a AND c", True),
        ("a OR b", "NOT a AND c", False),
        # Where `a` is unknown one order decides nothing and the other the second row.
        ("a", "COALESCE(NOT a, TRUE)", False),
        ("COALESCE(a, FALSE)", "COALESCE(NOT a, TRUE)", True),
        ("a IS NULL", "a IS NOT NULL AND a", False),
    ],
)
def test_rows_that_exclude_each_other_may_be_exchanged(first: str, second: str, expected: bool) -> None:
    assert _is_same(first, second) is expected


def test_definitions_are_read_through_also_where_a_case_gives_an_amount(packs: dict[str, Pack]) -> None:
    units = Definition(
        name="gift_units",
        level="item",
        value="CASE WHEN is_gift THEN quantity ELSE 0 END",
        meaning="Pieces of a gift",
        law_ref="s. 1",
    )
    pack = replace(packs["CL-IMPORT"], definitions=[units])

    assert _is_same("gift_units > 0", "NOT is_gift", pack)
    assert not _is_same("gift_units > 0", "NOT is_gift")
    assert not _is_same("gift_units >= 0", "NOT is_gift", pack)


def test_lists_of_prefixes_exclude_each_other_where_no_beginning_is_shared(packs: dict[str, Pack]) -> None:
    pack = packs["EU-2028-PLANNED"]
    lists = {one.name: one for one in pack.parameters}
    shared = [
        replace(lists[name], values=[replace(lists[name].values[0], value=texts)])
        for name, texts in (("bucket_a_prefixes", ["49", "97"]), ("bucket_b_prefixes", ["4901"]))
    ]
    first, second = (f"STARTS_WITH_ANY(commodity_code, bucket_{letter}_prefixes)" for letter in "ab")

    assert _is_same(first, second, pack)
    assert not _is_same(first, second, replace(pack, parameters=shared))


def test_a_proof_agrees_with_the_law_run_in_every_state() -> None:
    source = random.Random(7)
    states = [*product((True, False, None), (True, False, None), (1, 2, 3, None), (2, None))]
    columns = {name: column([state[place] for state in states]) for place, name in enumerate(SYMBOLS)}
    rows = table(range(len(states)), **columns)
    seen = []
    for _ in range(80):
        texts = _condition(source, 2), _condition(source, 2)
        truths = [cells_of(compiled(text, **SYMBOLS).evaluate(rows), len(states)) for text in texts]
        is_same = all(_chosen("AB", [a, b]) == _chosen("BA", [b, a]) for a, b in zip(*truths, strict=True))

        assert _is_same(*texts) is is_same, texts
        seen.append(is_same)
    assert 8 < sum(seen) < 72


def _condition(source: random.Random, depth: int) -> str:
    if not depth:
        return source.choice(["a", "b", "m <= n", "n < m", "m = n", "NOT a", "m <> n"])
    first, second = _condition(source, depth - 1), _condition(source, depth - 1)
    shapes = ("({} AND {})", "({} OR {})", "COALESCE({}, {})", "NOT ({} OR {})", "({} AND NOT {})")
    return source.choice(shapes).format(first, second)


def _chosen(codes: str, truths: list[Cell]) -> str:
    for code, truth in zip(codes, truths, strict=True):
        if truth is None:
            return "undecided"
        if truth:
            return code
    return "none"
