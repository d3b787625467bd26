"""Formulas of a law as trees: which parts decide the result, and the formula with figures in the place of
names.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp

from serai.explanation.phrases import Phrases

FIGURES_MAX = 8
"""Figures of a sum that are written out; the rest is counted."""

AGGREGATES: tuple[type, ...] = (exp.Sum, exp.Max, exp.Min, exp.LogicalOr, exp.LogicalAnd)
CONDITIONS: tuple[type, ...] = (
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.In,
    exp.Is,
    exp.Between,
)

RenderName = Callable[[Any, int | None], str]
"""Text of the figure of a name, or of a formula over an item at a place."""


_TEXT = "serai-text"


@lru_cache(maxsize=4_096)
def parse(text: str) -> Any:
    """Return the tree of a formula that the law's compiler has accepted before. Shared: nobody changes it."""
    return sqlglot.parse_one(text, dialect="postgres")


def write(tree: Any) -> str:
    """Return a tree as the text that its author could have written; it is kept with the tree."""
    text = tree.meta.get(_TEXT)
    if text is None:
        text = tree.meta[_TEXT] = str(tree.sql(dialect="postgres"))
    return str(text)


def slug(text: str) -> str:
    """Return a formula as part of an id: letters, digits and `-`, different for formulas that differ in
    meaning.
    """
    for sign, word in _SIGNS:
        text = text.replace(sign, word)
    return re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")


_SIGNS = (("<=", " le "), (">=", " ge "), ("<>", " ne "), ("<", " lt "), (">", " gt "), ("=", " eq "))


def bare(tree: Any) -> Any:
    """Take brackets off."""
    while isinstance(tree, exp.Paren):
        tree = tree.this
    return tree


def operands(tree: Any, kind: type[exp.And] | type[exp.Or]) -> Iterator[Any]:
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


def fill(tree: Any, item_count: int, render_name: RenderName, phrases: Phrases) -> str:
    """Return the formula with figures in the place of names."""

    def put_figures(node: Any) -> Any:
        if isinstance(node, AGGREGATES):
            return exp.var(_fill_aggregate(node, item_count, render_name, phrases, is_alone=node is root))
        return exp.var(render_name(node, None)) if isinstance(node, exp.Column) else node

    root = tree.copy()
    return str(root.transform(put_figures, copy=False).sql(dialect="postgres"))


def _fill_aggregate(
    node: Any, item_count: int, render_name: RenderName, phrases: Phrases, *, is_alone: bool
) -> str:
    shown = [render_name(node.this, place) for place in range(min(item_count, FIGURES_MAX))]
    if item_count > FIGURES_MAX:
        shown.append(phrases.render("and_more", count=item_count - FIGURES_MAX))
    if isinstance(node, exp.Sum):
        text = " + ".join(shown)
        return text if is_alone or len(shown) == 1 or isinstance(node.parent, CONDITIONS) else f"({text})"
    return f"{phrases.phrases[_AGGREGATE_WORDS[type(node)]]}({', '.join(shown)})"


_AGGREGATE_WORDS: dict[type, str] = {
    exp.Max: "largest_of",
    exp.Min: "smallest_of",
    exp.LogicalOr: "any_of",
    exp.LogicalAnd: "all_of",
}
