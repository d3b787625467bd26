"""A small batch, consignment by consignment, comes to what the columns come to: charges, findings, reasons
and every value, for every law that is shipped, on random rows.
"""

import contextlib
import random
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from serai.law.library import load_book
from serai.law.run import LawRun
from serai.law.values import Value
from serai.model.columns import Flags
from tests.law.packs import shipped_files
from tests.law.random_rows import Pools, Rows, invented_lines, invented_rates

_ROWS_COUNT = 12


@cache
def _pools() -> list[Pools]:
    shipped = load_book(shipped_files())
    shipped.compile_all()
    book = load_book(shipped_files(), tariff_lines=invented_lines(), exchange_rates=invented_rates(shipped))
    book.compile_all()
    return [Pools(program, book.reference) for program in book.programs]


def _differences(rows: Rows) -> Iterator[str]:
    columns, small = rows.on_columns(), rows.one_by_one()
    yield from _unlike("charges", _charges(columns), _charges(small))
    yield from _unlike("missing", _missing(columns), _missing(small))
    yield from _unlike("speaking", _applying(columns), _applying(small))
    for name in rows.program.symbols:
        if name in columns.recorded() and not rows.program.symbols[name].is_list:
            of_columns, of_small = (_listed(run.read(name), run, name) for run in (columns, small))
            yield from _unlike(name, of_columns, of_small)
    recorded = columns.recorded()
    for name, value in small.recorded().items():
        if name.startswith("__") and name in recorded:
            yield from _unlike(name, _plain(recorded[name]), _plain(value))
        assert name in recorded or not name.startswith("__lines"), name


def _unlike(what: str, of_columns: object, of_small: object) -> Iterator[str]:
    if of_columns != of_small:
        yield f"{what}: {of_columns} on columns, {of_small} one by one"


def _charges(run: LawRun) -> list[object]:
    return [
        (
            charged.charge.name,
            charged.rows.tolist(),
            charged.base_minor.tolist(),
            charged.rate_numerator.tolist(),
            charged.rate_denominator.tolist(),
            charged.amount_minor.tolist(),
            charged.due.tolist(),
            charged.debtor.tolist(),
            charged.is_waived.tolist(),
        )
        for charged in run.charges
        if len(charged.rows)
    ]


def _missing(run: LawRun) -> list[tuple[str, str, str, list[int]]]:
    return [(one.rule_id, one.word, one.level, one.rows.tolist()) for one in run.missing]


def _applying(run: LawRun) -> dict[int, list[int]]:
    return {number: np.flatnonzero(flags).tolist() for number, flags in run.applying if flags.any()}


def _listed(value: Value, run: LawRun, name: str) -> list[object]:
    level = run.program.symbols[name].level
    return _plain(value if level is None else run.stretch(value, level, level))


def _plain(value: Value) -> list[object]:
    count = len(value.data)
    known: Flags = np.broadcast_to(value.known_flags(), count)
    denominators = np.broadcast_to(np.asarray(value.denominator), count).tolist()
    data = value.data.tolist()
    said = [value.words[code] for code in data] if value.words else data
    return [
        (one, below) if is_known else None
        for one, below, is_known in zip(said, denominators, known.tolist(), strict=True)
    ]


def _compare(seed: int, items_count: int) -> None:
    draw, done = random.Random(seed), 0
    while done < items_count:
        for pools in _pools():
            rows = Rows(pools, _ROWS_COUNT, draw)
            # A batch with an amount that no law may give is refused whole; then there is nothing to compare.
            with contextlib.suppress(OverflowError):
                assert not list(_differences(rows)), rows.program.code

                done += len(rows.owner)


@pytest.mark.in_turn
def test_small_batch_is_as_columns_under_every_law() -> None:
    _compare(seed=1, items_count=2_000)


@pytest.mark.slow
def test_small_batch_is_as_columns_on_a_hundred_thousand_items() -> None:
    _compare(seed=2, items_count=100_000)
