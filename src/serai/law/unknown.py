"""Who is to blame when something cannot be said: the words, rates and parameters that were unknown."""

from dataclasses import dataclass

import numpy as np

from serai.law.node import Compiled
from serai.law.program import Program
from serai.law.rows import Rows
from serai.law.small_arrays import together, without
from serai.law.tariff_measures import is_ordinary_duty
from serai.law.vocabulary import WORDS
from serai.model.columns import Flags, Int64s


@dataclass(frozen=True, slots=True)
class Missing:
    """Rows whose outcome hangs on something unknown.

    word: the datum, rate or parameter. level: of the rows. rule_id: what asked for it.
    """

    word: str
    level: str
    rows: Int64s
    rule_id: str


_NOWHERE = np.zeros(0, dtype=np.int64)


def find_missing(rows: Rows, compiled: Compiled, level: str, unknown: Int64s, rule_id: str) -> list[Missing]:
    """Name the words that made an expression unanswerable.

    unknown: places of those rows at `level`. A definition, charge or derived word that is known is not to
    blame, whatever it rests on. What nobody can give is named only where nothing else is to blame.
    """
    blamed: dict[str, Int64s] = {}
    waiting = [(name, unknown) for name in compiled.names]
    seen: dict[str, Int64s] = {}
    while waiting:
        name, asked = waiting.pop()
        here = without(asked[~_known_at(rows, name, level)[asked]], seen.get(name, _NOWHERE))
        if not len(here):
            continue
        seen[name] = together(seen.get(name, _NOWHERE), here)
        below = rows.program.rests_on.get(name)
        if below is None:
            blamed[name] = seen[name]
        else:
            waiting.extend((one, here) for one in below)
    return [
        Missing(name, level, here, rule_id)
        for name, here in _that_can_be_given(blamed, rows.program).items()
        if len(here)
    ]


def _that_can_be_given(blamed: dict[str, Int64s], program: Program) -> dict[str, Int64s]:
    hopeless = [name for name in blamed if not _can_be_given(name, program)]
    others = [here for name, here in blamed.items() if name not in hopeless]
    if not hopeless or not others:
        return blamed
    explained = together(np.concatenate(others), _NOWHERE)
    return {name: without(here, explained) if name in hopeless else here for name, here in blamed.items()}


def _can_be_given(name: str, program: Program) -> bool:
    """Say whether a pack, a tariff or a party can give what a name stands for, and has to.

    A measure that only the pack names falls on some goods: that others have no line of it is no gap.
    """
    if name in program.parameters:
        return True
    measure = program.symbols[name].measure
    if measure is not None and is_ordinary_duty(measure):
        return True
    return name in WORDS and (measure is not None or bool(WORDS[name].pointer))


def _known_at(rows: Rows, name: str, level: str) -> Flags:
    """Return where a name is known, one row for each of a level; for a consignment, on all of its items."""
    value = rows.read(name)
    symbol = rows.program.symbols[name]
    known = value.known_flags()
    if len(known) == 1:
        return np.broadcast_to(known, (rows.count(level),))
    if symbol.level == "item":
        return known if level == "item" else np.logical_and.reduceat(known, rows.first_items)
    return known[rows.owner] if level == "item" else known
