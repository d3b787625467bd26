"""The mutation check: for every mutant of a pack, is there a worked example that notices it?"""

import datetime as dt
import gc
import multiprocessing
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Final

from serai.laboratory.law_bench.mutants import Kind, Mutant, mutants_of
from serai.laboratory.law_bench.ready_cases import CompiledLaw, ReadyCase, ReadyCases, passes_under
from serai.laboratory.law_bench.same_choice import chooses_the_same
from serai.law.book import BASE_LAYER, as_in_force, is_in_force
from serai.law.library import PackFiles
from serai.law.pack import Pack, Parameter
from serai.model.errors import SeraiError


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no worked example notices."""

    place: str
    change: str
    kind: Kind


@dataclass(slots=True)
class PackScore:
    """What the worked examples notice of one pack. cases_count: those that pass and that it governs.

    mutants: how many changes that are another law, by kind; noticed: of these. same: how many were proved to
    be no other law.
    """

    code: str
    cases_count: int
    mutants: Counter[Kind] = field(default_factory=Counter)
    noticed: Counter[Kind] = field(default_factory=Counter)
    same: int = 0
    survivors: list[Survivor] = field(default_factory=list)

    @property
    def mutant_count(self) -> int:
        """Return how many changes were made."""
        return self.mutants.total()

    @property
    def noticed_count(self) -> int:
        """Return how many of them some worked example notices."""
        return self.noticed.total()

    @property
    def score(self) -> float | None:
        """Return the share that was noticed; None where there is nothing to change."""
        return round(self.noticed_count / self.mutant_count, 3) if self.mutant_count else None


def score_packs(
    files: PackFiles, codes: Sequence[str], *, workers_count: int = 1, cases: ReadyCases | None = None
) -> Iterator[PackScore]:
    """Score packs by the worked examples of all packs, in the order of codes.

    Planned and draft law is taken as in force by the cases that name it. workers_count: processes, each of
    which takes one pack after the other. cases: those of the files, read already. Raises SeraiError for a
    code without a pack and for faulty files.
    """
    if cases is None:
        cases = ReadyCases(files)
    if workers_count == 1 or len(codes) == 1:
        for code in codes:
            yield _score(code, cases)
        return
    # A forked worker finds the cases where its parent has them; a spawned one reads them itself.
    method = "fork" if sys.platform == "linux" else "spawn"
    _CASES[:] = [cases]
    workers = ProcessPoolExecutor(
        workers_count, multiprocessing.get_context(method), initializer=_begin_worker, initargs=(files,)
    )
    try:
        yield from workers.map(_score_in_worker, codes)
    except BrokenProcessPool as fault:
        raise SeraiError(
            "worker-lost",
            "A worker process ended before its work was done; what was printed is right, the rest missing.",
            "See whether the machine ran out of memory, then run it again, perhaps with --workers 1.",
        ) from fault
    finally:
        workers.shutdown(wait=True, cancel_futures=True)
        _CASES.clear()


def _score(code: str, cases: ReadyCases) -> PackScore:
    packs = cases.packs
    resting = cases.resting_on(code)
    scored = PackScore(code, len(resting))
    others = [one for other, one in packs.items() if other != code]
    for mutant in mutants_of(packs[code], others):
        asked = resting
        if mutant.kind in _OF_DAYS:
            asked = cases.naming(*(one.code for one in mutant.packs))
        if mutant.day is not None and not _differs(packs[code], mutant, mutant.day):
            continue
        if mutant.day is not None and not _is_felt(mutant, asked):
            continue
        noticed = _is_noticed(mutant.packs, asked)
        if noticed is None:
            continue
        if not noticed and _is_same_law(packs[code], mutant, asked, packs):
            scored.same += 1
            continue
        scored.mutants[mutant.kind] += 1
        scored.noticed[mutant.kind] += noticed
        if not noticed:
            scored.survivors.append(Survivor(mutant.place, mutant.change, mutant.kind))
    return scored


_OF_DAYS: Final = ("day", "suspension")
"""Kinds of changes that a case notices on a day on which the pack is not in force."""


def _differs(pack: Pack, mutant: Mutant, day: dt.date) -> bool:
    """Say whether another law is in force on the only day a change can be felt: a pack that is suspended on
    it either way, or a parameter that has the same value either way, is no other law.
    """
    changed = mutant.packs[0]
    before, after = (is_in_force(as_in_force(one), day) for one in (pack, changed))
    if mutant.place in _PACK_DAYS or mutant.kind == "suspension":
        return before is not after
    return before and any(
        _values_on(one, day) != _values_on(other, day)
        for one, other in zip(pack.parameters, changed.parameters, strict=True)
    )


_PACK_DAYS: Final = ("valid_from", "valid_to")


def _values_on(parameter: Parameter, day: dt.date) -> dict[str | None, Any]:
    return {
        one.key: one.value
        for one in parameter.values
        if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)
    }


def _is_felt(mutant: Mutant, cases: Sequence[ReadyCase]) -> bool:
    """Say whether a law lies under a changed layer on the only day that differs: without one nothing does."""
    day, (changed, *_) = mutant.day, mutant.packs
    if day is None or changed.layer == BASE_LAYER:
        return True
    bases = {
        one.pack.code: one.pack
        for case in cases
        for one in case.book.packs.values()
        if one.pack.layer == BASE_LAYER and one.pack.code != changed.code
    }
    return any(
        one.valid_from <= day and (one.valid_to is None or day < one.valid_to) for one in bases.values()
    )


def _is_same_law(pack: Pack, mutant: Mutant, cases: Sequence[ReadyCase], packs: Mapping[str, Pack]) -> bool:
    """Say whether a change that exchanges two reliefs is proved to be no other law.

    A relief left out is another matter: one that is never reached is a row too many.
    """
    before, after = pack.relief, mutant.packs[0].relief
    if mutant.kind != "relief" or len(before) != len(after):
        return False
    wholes = {case.codes for case in cases} or {frozenset([pack.code])}
    return all(chooses_the_same(before, after, [packs[code] for code in sorted(whole)]) for whole in wholes)


def _is_noticed(changed: Sequence[Pack], cases: list[ReadyCase]) -> bool | None:
    """Say whether a case fails under changed packs; None where the change is no law."""
    compiled = CompiledLaw()
    for place, case in enumerate(cases):
        passes = passes_under(changed, case, compiled)
        if passes is None:
            return None
        if not passes:
            # Who noticed one change will often notice the next, which lies beside it.
            cases.insert(0, cases.pop(place))
            return True
    return False


# ---- in worker processes ----

_CASES: list[ReadyCases] = []
"""The cases of this process, read before workers are forked."""


def _begin_worker(files: PackFiles) -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone answers it, and ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    if not _CASES:
        _CASES.append(ReadyCases(files))


def _score_in_worker(code: str) -> PackScore:
    return _score(code, _CASES[0])
