"""An expression of a law changed a little: a comparison turned, a text left out, a limb dropped."""

from collections.abc import Callable, Iterator
from typing import Any

import sqlglot
from sqlglot import exp

_DIALECT = "postgres"
_TURNED: dict[type[Any], type[Any]] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}


def changed_comparisons(text: str) -> Iterator[tuple[str, str]]:
    """Yield the expression with one comparison turned or one text of an IN left out, and what was done."""
    return _changed(text, _is_comparison, _turn)


def dropped_limbs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the expression without one limb of an AND, or without one NOT elsewhere, and what was done."""
    return _changed(text, _has_limbs, _drop)


def _changed(
    text: str, is_meant: Callable[[Any], bool], changes_of: Callable[[Any], list[Any]]
) -> Iterator[tuple[str, str]]:
    count = len(_nodes(_parse(text), is_meant))
    for number in range(count):
        ways = len(changes_of(_nodes(_parse(text), is_meant)[number]))
        for way in range(ways):
            tree = _parse(text)
            found = _nodes(tree, is_meant)[number]
            before, after = found.sql(dialect=_DIALECT), changes_of(found)[way]
            whole = after if found is tree else _replaced(tree, found, after)
            yield f"{before} -> {after.sql(dialect=_DIALECT)}", whole.sql(dialect=_DIALECT)


def _parse(text: str) -> Any:
    return sqlglot.parse_one(text, dialect=_DIALECT)


def _nodes(tree: Any, is_meant: Callable[[Any], bool]) -> list[Any]:
    return [node for node in tree.dfs() if is_meant(node)]


def _replaced(tree: Any, found: Any, after: Any) -> Any:
    found.replace(after.copy())
    return tree


# ---- comparisons ----


def _is_comparison(node: Any) -> bool:
    return type(node) in _TURNED or isinstance(node, exp.In | exp.Between)


def _turn(node: Any) -> list[Any]:
    if isinstance(node, exp.In):
        texts = node.expressions
        if len(texts) == 1:
            return [exp.Not(this=node.copy())]
        rests = [[*texts[:place], *texts[place + 1 :]] for place in range(len(texts))]
        return [exp.In(this=node.this.copy(), expressions=[one.copy() for one in rest]) for rest in rests]
    if isinstance(node, exp.Between):
        low, high = node.args["low"], node.args["high"]
        ways = ((exp.GT, exp.LTE), (exp.GTE, exp.LT))
        return [
            exp.Paren(
                this=exp.And(
                    this=above(this=node.this.copy(), expression=low.copy()),
                    expression=below(this=node.this.copy(), expression=high.copy()),
                )
            )
            for above, below in ways
        ]
    return [_TURNED[type(node)](this=node.this.copy(), expression=node.expression.copy())]


# ---- limbs ----


def _has_limbs(node: Any) -> bool:
    """Say whether a node is a whole AND, or a NOT that is no limb of one: `x IS NOT NULL` is one word."""
    if isinstance(node, exp.And):
        return not isinstance(node.parent, exp.And)
    return isinstance(node, exp.Not) and not isinstance(node.parent, exp.And) and _is_plain(node.this)


def _is_plain(node: Any) -> bool:
    return not isinstance(node, exp.Is | exp.In)


def _drop(node: Any) -> list[Any]:
    if isinstance(node, exp.Not):
        return [node.this.copy()]
    limbs = [*node.flatten(unnest=False)]
    rests = [[*limbs[:place], *limbs[place + 1 :]] for place in range(len(limbs))]
    return [exp.and_(*(one.copy() for one in rest), wrap=False, copy=False) for rest in rests]
