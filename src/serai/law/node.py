"""What an expression is made of: nodes with kind, level, currency and bound, and the rules by which they
meet.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlglot import exp

from serai.law.exact import RoundingMode
from serai.law.nearest import did_you_mean
from serai.law.plain import (
    PlainFunction,
    PlainRow,
    PlainSource,
    Reader,
    Writer,
    written_reader,
    written_reader_of_items,
)
from serai.law.values import Value, spread
from serai.law.vocabulary import Kind, Level
from serai.model.columns import Int64s
from serai.model.errors import SeraiError

DEPTH_MAX = 40
PARTS_MAX = 500
"""Parts an expression may be computed in; laws in use have at most a tenth of that."""
ITEMS_MAX = 999
"""Goods items of one consignment (`model/documents.py`)."""
PRODUCT_MOST = 10**14
"""Largest product of an amount a law may give, minor units: checked whenever one is computed."""
SUM_MOST = 1 << 62
KIND_MOST: Mapping[Kind, int] = {
    "money": 10**12,
    "rate": 10**13,
    "count": 10**12,
    "mass": 10**15,
    "date": 10**7,
    "code": 1 << 31,
    "flag": 1,
}
"""Largest magnitude a word of each kind can have: amounts and counts are checked where they come in."""


class ExpressionError(SeraiError):
    """An expression of a pack or rule cannot be used; the message names the text and the place."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(
            code,
            message,
            "Correct the expression; docs/reference/law-vocabulary.md lists what may be written.",
        )


class Environment(Protocol):
    """What a compiled expression reads while it runs: the rows of one law in one batch."""

    owner: Int64s
    first_items: Int64s
    parts: dict[int, Value]

    def read(self, name: str) -> Value:
        """Return a word, parameter or definition."""
        ...

    def tariff_duty(self, amount: Value, measure: str) -> Value:
        """Return the duty of each item's tariff line of a measure on an amount."""
        ...

    def in_currency(self, amount: Value, source: str, target: str) -> Value:
        """Return an amount of currency `source` in `target`; one of the two is the law's own."""
        ...

    def share_out(self, total: Value, weight: Value) -> Value:
        """Return each item's share of a consignment's amount."""
        ...


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name an expression may use. level None: the same for every row. most: its largest magnitude.

    is_list: the prefixes or codes of a list parameter. measure: what is asked of the tariff
    (`asked_measure`), whose rate the name is. codes: of a closed list, all that there are.
    """

    kind: Kind
    level: Level | None
    currency: str | None = None
    is_list: bool = False
    most: int | None = None
    measure: str | None = None
    codes: tuple[str, ...] = ()


Evaluate = Callable[[Environment], Value]
Operate = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to run. names: the symbols it reads. text: as the law's author wrote it.

    evaluate: on columns. plain: the same on one row, for small batches.
    """

    kind: Kind
    level: Level | None
    currency: str | None
    evaluate: Evaluate
    plain: PlainFunction
    names: tuple[str, ...]
    text: str
    most: int


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression, compiled. literal: of a bare number or text; `list` for a list parameter.

    evaluate: on columns. source: writes the same for one row. codes: of a closed list, all that there are.
    """

    kind: Kind
    level: Level | None
    evaluate: Evaluate
    source: PlainSource
    currency: str | None = None
    literal: int | str | None = None
    most: int = 0
    codes: tuple[str, ...] = ()


CompileNode = Callable[[Any, "Compiler", int], Node]


@dataclass(slots=True)
class _Part:
    """A part that may stand in several expressions. is_shared: it does, so its value is kept for the run.
    reader: of its values on one consignment."""

    number: int
    node: "Node"
    names: tuple[str, ...]
    is_shared: bool = False
    reader: Reader | None = None

    def evaluate(self, env: Environment) -> Value:
        """Return its value on the rows; of a shared part computed once for them."""
        if not self.is_shared:
            return self.node.evaluate(env)
        value = env.parts.get(self.number)
        if value is None:
            value = env.parts[self.number] = self.node.evaluate(env)
        return value

    def source(self, writer: Writer) -> str:
        """Write its value on one row; of a shared part computed once for the consignment."""
        if not self.is_shared:
            return self.node.source(writer)
        is_of_items, number = self.node.level == "item", self.number

        def make(row: PlainRow) -> Reader:
            if self.reader is None:
                source, place = self.node.source, f"P[{number}]"
                if is_of_items:
                    self.reader = written_reader_of_items(source, row, place)
                else:
                    self.reader = written_reader(lambda writer: f"({source(writer)},)", row, place)
            return self.reader

        parts = writer.local("P")
        return f"({parts}.get({number}) or {writer.later(make)}(row))[{'i' if is_of_items else 0}]"


@dataclass(slots=True)
class SharedParts:
    """The parts of one program's expressions: equal ones are compiled once and computed once a run.

    Parts that read one of `changing` are left alone: its value is not the same all through a run.
    numbered_from: expressions that run beside a program's own number their parts from another number on.
    """

    changing: frozenset[str]
    numbered_from: int = 0
    known: dict[tuple[Any, RoundingMode, int], tuple["Node", _Part]] = field(default_factory=dict)

    def compile(self, tree: Any, c: "Compiler", compile_part: Callable[[], "Node"]) -> "Node":
        """Return the node of an equal part, or compile this one."""
        key = (tree, *c.rounding)
        found = self.known.get(key)
        if found is not None:
            node, part = found
            part.is_shared = True
            c.names.extend(part.names)
            return node
        begin = len(c.names)
        node = compile_part()
        names = tuple(c.names[begin:])
        if not names or self.changing.intersection(names):
            return node
        part = _Part(self.numbered_from + len(self.known), node, names)
        node = replace(node, evaluate=part.evaluate, source=part.source)
        self.known[key] = (node, part)
        return node


@dataclass(slots=True)
class Compiler:
    """One expression on its way: the names it may use, how its products are rounded, which names it read."""

    symbols: Mapping[str, Symbol]
    rounding: tuple[RoundingMode, int]
    text: str
    nodes: Mapping[type, CompileNode]
    names: list[str] = field(default_factory=list)
    parts_count: int = 0
    shared: "SharedParts | None" = None

    def compile(self, tree: Any, depth: int) -> Node:
        """Compile a part of the tree; raises ExpressionError."""
        if depth > DEPTH_MAX:
            raise self.fault("expression-syntax", f"The expression is nested more than {DEPTH_MAX} deep.")
        self.parts_count += 1
        if self.parts_count > PARTS_MAX:
            raise self.fault(
                "expression-too-costly", f"The expression is computed in more than {PARTS_MAX} parts."
            )
        compile_node = self.nodes.get(type(tree))
        if compile_node is None:
            raise self.fault("forbidden-function", f"`{sql_of(tree)}` may not stand in a law.")
        if self.shared is None or type(tree) in _CHEAP:
            return compile_node(tree, self, depth + 1)
        return self.shared.compile(tree, self, lambda: compile_node(tree, self, depth + 1))

    def fault(self, code: str, message: str) -> ExpressionError:
        """Return an error that quotes the whole expression."""
        return ExpressionError(code, f"{message} In `{self.text[:300]}`.")

    def expect(self, tree: Any, depth: int, kind: Kind) -> Node:
        """Compile a part that must be of a kind; a bare 0 is an amount too."""
        node = self.compile(tree, depth)
        if node.kind == kind or (kind == "money" and node.literal == 0):
            return node
        raise self.fault("wrong-type", f"A {kind} is needed where a {node.kind} stands.")

    def within_sum(self, tree: Any, most: int) -> int:
        """Return a bound that fits 64 bits; raises ExpressionError `out-of-range` for one that may not."""
        if most >= SUM_MOST:
            raise self.fault("out-of-range", f"`{sql_of(tree)}` may be more than 64 bits hold.")
        return most

    def closest(self, name: str) -> str:
        """Return a hint at the symbol that was probably meant, or nothing."""
        return did_you_mean(name, self.symbols)


_CHEAP = (exp.Column, exp.Literal, exp.Boolean, exp.Paren)
"""Parts that are read, not computed."""


def sql_of(tree: Any) -> str:
    """Return a part of an expression as text for a message."""
    return str(tree.sql(dialect="postgres"))[:200]


# ---- how nodes meet ----


def as_common_kind(a: Node, b: Node, c: Compiler, tree: Any) -> tuple[Node, Node]:
    """Bring two nodes to one kind and currency.

    A bare 0 takes the kind of the other side; a bare whole number beside a rate is a rate of so many wholes.
    """
    a, b = _as_kind_of(a, b), _as_kind_of(b, a)
    if a.kind != b.kind or a.kind == "code":
        raise c.fault("wrong-type", f"`{sql_of(tree)}` brings {a.kind} and {b.kind} together.")
    if a.currency != b.currency and a.kind == "money":
        raise c.fault("mixed-currency", f"`{sql_of(tree)}` brings {a.currency} and {b.currency} together.")
    return a, b


def _as_kind_of(node: Node, other: Node) -> Node:
    if node.kind == other.kind or not isinstance(node.literal, int):
        return node
    if node.literal == 0 or other.kind == "rate":
        source = _source_as(other.kind, node.source)
        return Node(other.kind, None, node.evaluate, source, other.currency, node.literal, node.most)
    return node


def _source_as(kind: Kind, source: PlainSource) -> PlainSource:
    """Give a whole number the shape of a kind."""
    if kind == "rate":
        return lambda writer: writer.known((source,), lambda number: f"({number}, 1)")
    if kind == "flag":
        return lambda writer: writer.known((source,), lambda number: f"({number} != 0)")
    return source


def align(a: Node, b: Node, c: Compiler, tree: Any) -> tuple[Node, Node, Level | None]:
    """Bring two nodes to one kind and level; two codes stay codes."""
    if not (a.kind == "code" and b.kind == "code"):
        a, b = as_common_kind(a, b, c, tree)
    return level_pair(a, b)


def level_pair(a: Node, b: Node) -> tuple[Node, Node, Level | None]:
    """Bring two nodes to one level."""
    level = join_levels(a.level, b.level)
    return at_level(a, level), at_level(b, level), level


def join_levels(*levels: Level | None) -> Level | None:
    """Return the finest level."""
    return "item" if "item" in levels else "consignment" if "consignment" in levels else None


def at_level(node: Node, level: Level | None) -> Node:
    """Return the node with one row for each item, where that is asked."""
    if node.level == "consignment" and level == "item":
        return replace(node, evaluate=lambda env: spread(node.evaluate(env), env.owner))
    return node
