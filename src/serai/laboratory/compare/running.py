"""All laws on the same parcels, on several cores."""

import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from serai.laboratory.compare.measuring import Outcome, RegimeFigures, measure, sum_up
from serai.laboratory.compare.parcels import Parcels
from serai.laboratory.compare.regimes import Regime, book_of_regime
from serai.law.library import PackFiles


@dataclass(frozen=True, slots=True)
class Compared:
    """One law's row, what became of each parcel (None unless asked for), and the seconds it took."""

    figures: RegimeFigures
    outcome: Outcome | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Task:
    regimes: Sequence[Regime]
    files: PackFiles
    parcels: Parcels
    with_outcomes: bool


_TASKS: list[_Task] = []
"""The task of this process, set before workers are forked: they find parcels and law where it has them."""


def compare_regimes(
    regimes: Sequence[Regime],
    files: PackFiles,
    parcels: Parcels,
    *,
    workers_count: int,
    with_outcomes: bool = False,
) -> Iterator[Compared]:
    """Assess the parcels under each law; the rows come in the order of the regimes. Raises LawPackError."""
    task = _Task(regimes, files, parcels, with_outcomes)
    if workers_count == 1 or len(regimes) == 1 or sys.platform != "linux":
        for regime in regimes:
            yield _compare(task, regime)
        return
    _TASKS[:] = [task]
    try:
        fork = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(workers_count, mp_context=fork) as workers:
            yield from workers.map(_compare_number, range(len(regimes)))
    finally:
        _TASKS.clear()


def _compare_number(number: int) -> Compared:
    task = _TASKS[0]
    return _compare(task, task.regimes[number])


def _compare(task: _Task, regime: Regime) -> Compared:
    begun = time.perf_counter()
    book = book_of_regime(regime, task.files)
    figures, outcome = (
        measure(regime, book, task.parcels)
        if task.with_outcomes
        else (sum_up(regime, book, task.parcels), None)
    )
    return Compared(figures, outcome, time.perf_counter() - begun)
