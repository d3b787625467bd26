"""Expressions of a pack: parsed by sqlglot, checked against the vocabulary, compiled once into NumPy
closures.

Only the nodes in the table below exist; everything else is refused with the text it stands in.
"""

from collections.abc import Mapping
from functools import lru_cache
from operator import methodcaller
from typing import Any, NoReturn

import numpy as np
import sqlglot
from sqlglot import exp

from serai.law.arithmetic import additive, compile_divide, compile_multiply, extreme
from serai.law.exact import RoundingMode
from serai.law.functions import aggregate, compile_named, flag_aggregate
from serai.law.logic import (
    comparison,
    compile_and,
    compile_between,
    compile_case,
    compile_coalesce,
    compile_in,
    compile_is_null,
    compile_not,
    compile_or,
)
from serai.law.node import (
    KIND_MOST,
    Compiled,
    CompileNode,
    Compiler,
    Environment,
    ExpressionError,
    Node,
    SharedParts,
    Symbol,
)
from serai.law.plain import PlainFunction
from serai.law.values import Value

__all__ = ["Compiled", "Environment", "ExpressionError", "Symbol", "compile_expression", "names_in"]

_TREES_KEPT = 1_000
"""Some kilobytes each: those of a few compositions."""


def compile_expression(
    text: str,
    symbols: Mapping[str, Symbol],
    *,
    rounding_mode: RoundingMode = "half_up",
    rounding_unit_minor: int = 1,
    shared: SharedParts | None = None,
) -> Compiled:
    """Parse, check and compile one expression. shared: parts of the expressions it runs together with.

    Raises ExpressionError: `expression-syntax`, `unknown-name`, `wrong-type`, `forbidden-function`,
    `mixed-currency`, `wrong-level`, `out-of-range`.
    """
    c = Compiler(symbols, (rounding_mode, rounding_unit_minor), text, _NODES, shared=shared)
    node = c.compile(_parse(text), 0)
    if node.kind == "code" and node.literal is not None:
        raise c.fault("wrong-type", "A fixed text or a list is no result.")
    names = tuple(dict.fromkeys(c.names))
    return Compiled(
        node.kind,
        node.level,
        node.currency,
        node.evaluate,
        PlainFunction(node.source),
        names,
        text,
        node.most,
    )


def names_in(text: str) -> list[str]:
    """Return the names an expression reads; none where it is no expression (compile_expression says why)."""
    try:
        tree = _parse(text)
    except ExpressionError:
        return []
    return [column.name for column in tree.find_all(exp.Column)]


def count_parts(text: str) -> int:
    """Return in how many parts an expression is computed: what it costs, whatever the data are. Raises
    ExpressionError `expression-syntax`."""
    return sum(1 for _ in _parse(text).walk())


@lru_cache(maxsize=_TREES_KEPT)
def _parse(text: str) -> exp.Expression:
    """Return the tree of an expression; whoever takes it only reads it, for it is kept.

    Parsing is most of compiling, and one expression is read several times: for its names, and again in each
    composition its pack is part of.
    """
    try:
        tree: Any = sqlglot.parse_one(text, dialect="postgres")
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError) as fault:
        raise ExpressionError("expression-syntax", f"`{text[:200]}` is not an expression.") from fault
    return tree  # type: ignore[no-any-return]


# ---- leaves ----


def _compile_name(tree: Any, c: Compiler, _depth: int) -> Node:
    name = tree.name
    if tree.table or name not in c.symbols:
        raise c.fault("unknown-name", f"`{tree.sql()}` is not in the vocabulary.{c.closest(name)}")
    symbol = c.symbols[name]
    c.names.append(name)
    most = KIND_MOST[symbol.kind] if symbol.most is None else symbol.most
    literal = "list" if symbol.is_list else None
    evaluate = methodcaller("read", name)
    source = methodcaller("read", name, is_of_items=symbol.level == "item")
    return Node(symbol.kind, symbol.level, evaluate, source, symbol.currency, literal, most, symbol.codes)


def _compile_literal(tree: Any, c: Compiler, _depth: int) -> Node:
    if tree.is_string:
        return Node("code", None, _refuse_bare_text, _refuse_bare_text, literal=tree.this)
    if not tree.this.isdigit() or len(tree.this) > 9:
        raise c.fault(
            "wrong-type",
            f"`{tree.this}` stands bare: amounts and rates are dated parameters; "
            "only whole numbers may stand in an expression.",
        )
    number = int(tree.this)
    value = Value(np.array([number], dtype=np.int64))
    return Node("count", None, lambda _env: value, lambda _: str(number), literal=number, most=number)


def _refuse_bare_text(*_: object) -> NoReturn:
    raise AssertionError("text is compared, never computed")


def _compile_boolean(tree: Any, _c: Compiler, _depth: int) -> Node:
    value = Value(np.array([bool(tree.this)]))
    text = str(bool(tree.this))
    return Node("flag", None, lambda _env: value, lambda _: text, most=1)


def _compile_paren(tree: Any, c: Compiler, depth: int) -> Node:
    return c.compile(tree.this, depth)


_NODES: dict[type, CompileNode] = {
    exp.Column: _compile_name,
    exp.Literal: _compile_literal,
    exp.Boolean: _compile_boolean,
    exp.Paren: _compile_paren,
    exp.And: compile_and,
    exp.Or: compile_or,
    exp.Not: compile_not,
    exp.Is: compile_is_null,
    exp.EQ: comparison(np.equal, "=="),
    exp.NEQ: comparison(np.not_equal, "!="),
    exp.LT: comparison(np.less, "<"),
    exp.LTE: comparison(np.less_equal, "<="),
    exp.GT: comparison(np.greater, ">"),
    exp.GTE: comparison(np.greater_equal, ">="),
    exp.In: compile_in,
    exp.Between: compile_between,
    exp.Add: additive(1),
    exp.Sub: additive(-1),
    exp.Mul: compile_multiply,
    exp.Div: compile_divide,
    exp.Case: compile_case,
    exp.Coalesce: compile_coalesce,
    exp.Least: extreme(np.minimum, "min"),
    exp.Greatest: extreme(np.maximum, "max"),
    exp.Sum: aggregate(np.add, "sum", ("money", "count", "mass")),
    exp.Max: aggregate(np.maximum, "max", ("money", "count", "mass", "rate", "date")),
    exp.Min: aggregate(np.minimum, "min", ("money", "count", "mass", "rate", "date")),
    exp.LogicalOr: flag_aggregate(is_any=True),
    exp.LogicalAnd: flag_aggregate(is_any=False),
    exp.Anonymous: compile_named,
}
