"""Formulas of a law as trees: which parts decide the result, and the formula with figures in the place of names."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import sqlglot
from sqlglot import exp

from serai.laboratory.explain.phrases import Phrases
from serai.laboratory.explain.record import Figure
from serai.laboratory.explain.wording import say_bare

FIGURES_MAX = 8
"""Figures of a sum that are written out; the rest is counted."""

AGGREGATES = (exp.Sum, exp.Max, exp.Min, exp.LogicalOr, exp.LogicalAnd)
CONDITIONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Is, exp.Between)

Evaluate = Callable[[str, int | None], Figure]
"""Part of a formula and the place of an item to its value."""


def parse(text: str) -> Any:
    """Return the tree of a formula that the law's compiler has accepted before."""
    return sqlglot.parse_one(text, dialect="postgres")


def write(tree: Any) -> str:
    """Return a tree as the text that its author could have written."""
    return str(tree.sql(dialect="postgres"))


def slug(text: str) -> str:
    """Return a formula as part of an id: letters, digits and `-`, different for formulas that differ in meaning."""
    for sign, word in _SIGNS:
        text = text.replace(sign, word)
    return re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")


_SIGNS = (("<=", " le "), (">=", " ge "), ("<>", " ne "), ("<", " lt "), (">", " gt "), ("=", " eq "))


def bare(tree: Any) -> Any:
    """Take brackets off."""
    while isinstance(tree, exp.Paren):
        tree = tree.this
    return tree


def operands(tree: Any, kind: type) -> Iterator[Any]:
    """Return the operands of a chain of AND or of OR, from left to right."""
    tree = bare(tree)
    if isinstance(tree, kind):
        yield from operands(tree.this, kind)
        yield from operands(tree.expression, kind)
    else:
        yield tree


def rounds(tree: Any) -> bool:
    """Say whether a product or quotient is in the formula, so that rounding matters."""
    return tree.find(exp.Mul, exp.Div) is not None or any(
        call.name.upper() == "ROUNDED" for call in tree.find_all(exp.Anonymous)
    )


def fill(
    tree: Any,
    place: int | None,
    item_count: int,
    evaluate: Evaluate,
    lists: Callable[[str], str | None],
    phrases: Phrases,
) -> str:
    """Return the formula with figures in the place of names. lists: text of a list parameter, None for other names."""

    def figure(node: Any, at: int | None) -> str:
        return say_bare(evaluate(write(node), at), phrases)

    def replace(node: Any) -> Any:
        if isinstance(node, AGGREGATES):
            return exp.var(_fill_aggregate(node, item_count, figure, phrases, is_alone=node is root))
        if isinstance(node, exp.Column):
            return exp.var(lists(node.name) or figure(node, place))
        return node

    root = tree.copy()
    return write(root.transform(replace, copy=False))


def _fill_aggregate(
    node: Any, item_count: int, figure: Callable[[Any, int | None], str], phrases: Phrases, *, is_alone: bool
) -> str:
    shown = [figure(node.this, place) for place in range(min(item_count, FIGURES_MAX))]
    if item_count > FIGURES_MAX:
        shown.append(phrases.say("and_more", count=item_count - FIGURES_MAX))
    if isinstance(node, exp.Sum):
        text = " + ".join(shown)
        return text if is_alone or len(shown) == 1 or isinstance(node.parent, CONDITIONS) else f"({text})"
    key = {exp.Max: "largest_of", exp.Min: "smallest_of", exp.LogicalOr: "any_of", exp.LogicalAnd: "all_of"}
    return f"{phrases.phrases[key[type(node)]]}({', '.join(shown)})"
