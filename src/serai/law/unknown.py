"""Who is to blame when something cannot be said: the words, rates and parameters that were unknown."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from serai.law.node import Compiled
from serai.law.program import Program
from serai.law.rows import Rows
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


def find_missing(rows: Rows, compiled: Compiled, level: str, unknown: Int64s, rule_id: str) -> list[Missing]:
    """Name the words that were unknown on the rows an expression could not answer.

    unknown: places of those rows at `level`.
    """
    found = []
    for word in inputs_of(rows.program, compiled.names):
        here = unknown[~_known_at(rows, word, level)[unknown]]
        if len(here):
            found.append(Missing(word, level, here, rule_id))
    return found


def _known_at(rows: Rows, word: str, level: str) -> Flags:
    """Return where a word is known, one row for each of a level; for a consignment, on all of its items."""
    value = rows.read(word)
    symbol = rows.program.symbols[word]
    known = value.data >= 0 if symbol.kind == "code" and not symbol.is_list else value.known_flags()
    if len(known) == 1:
        return np.broadcast_to(known, (rows.count(level),))
    if symbol.level == "item":
        return known if level == "item" else np.logical_and.reduceat(known, rows.first_items)
    return known[rows.owner] if level == "item" else known


def inputs_of(program: Program, names: Sequence[str]) -> list[str]:
    """Return the words and parameters that names rest on, through definitions, choices and charges."""
    seen: dict[str, None] = {}
    waiting = list(names)
    visited = set()
    while waiting:
        name = waiting.pop()
        if name in WORDS or name in program.parameters:
            seen[name] = None
        elif name not in visited:
            visited.add(name)
            waiting.extend(program.rests_on.get(name, ()))
    return list(seen)
