"""What an explanation keeps from the parties: sums to which others than the reader may have added.

A buyer's allowance is drawn by whoever files for that buyer, and what counts together by whoever sent it.
That a limit is reached is part of the decision; how much stands on the cumulative allowance is for officers.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlglot import exp

from serai.explanation import formula as formulas
from serai.law.counting import COUNTED_WORDS
from serai.law.program import Program

NOTHING: Final[frozenset[str]] = frozenset()
_FLAGS: Final = (*formulas.CONDITIONS, exp.And, exp.Or, exp.Not, exp.LogicalAnd, exp.LogicalOr)


def withheld_names(program: Program) -> frozenset[str]:
    """Return the names of a law whose figures tell what stands on a cumulative_allowance: the words that read
    one, and every amount or number made of them. What is so or not so is told, and charges are."""
    found: set[str] = set(COUNTED_WORDS)
    for one in program.definitions:
        if one.compiled.kind != "flag" and found.intersection(
            _figures(formulas.parse(one.definition.expression))
        ):
            found.add(one.definition.name)
    return frozenset(found)


def mentions(tree: Any, names: frozenset[str]) -> bool:
    """Say whether a formula names one of them."""
    return bool(names) and any(column.name in names for column in tree.find_all(exp.Column))


def _figures(tree: Any) -> Iterator[str]:
    """Return the names whose figures go into the figure of a formula: not those that only choose it."""
    tree = formulas.bare(tree)
    if isinstance(tree, exp.Column):
        yield tree.name
    elif isinstance(tree, exp.Case):
        for branch in tree.args["ifs"]:
            yield from _figures(branch.args["true"])
        if tree.args.get("default") is not None:
            yield from _figures(tree.args["default"])
    elif not isinstance(tree, _FLAGS):
        for part in tree.iter_expressions():
            yield from _figures(part)
