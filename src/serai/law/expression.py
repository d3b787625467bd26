"""Expressions of a pack: parsed by sqlglot, checked against the vocabulary, compiled once into NumPy closures.

Only the nodes handled here exist; everything else is refused with the text it stands in. Unknown is Kleene's third truth value: `AND` with
something false is false whatever else is unknown; a comparison with an unknown is unknown.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import sqlglot
from sqlglot import exp

from serai.law.exact import SAFE, RoundingMode, fill_whole_units, multiply_divide
from serai.law.values import Value, both_known, spread
from serai.law.vocabulary import FUNCTIONS, Kind, Level
from serai.model.columns import Coded, Flags, Int64s
from serai.model.errors import SeraiError

PPM = 1_000_000
DEPTH_MAX = 40


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

    def read(self, name: str) -> Value:
        """Return a word, parameter or definition."""
        ...

    def tariff_duty(self, amount: Value) -> Value:
        """Return the duty of each item's tariff line on an amount."""
        ...

    def in_currency(self, amount: Value, source: str, target: str) -> Value:
        """Return an amount of currency `source` in `target`; one of the two is the law's own."""
        ...

    def share_out(self, total: Value, weight: Value) -> Value:
        """Return each item's share of a consignment's amount."""
        ...


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name an expression may use. level None: the same for every row. texts: the prefixes or codes of a list parameter."""

    kind: Kind
    level: Level | None
    currency: str | None = None
    is_list: bool = False


Evaluate = Callable[[Environment], Value]


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to run. names: the symbols it reads. text: as the law's author wrote it."""

    kind: Kind
    level: Level | None
    currency: str | None
    evaluate: Evaluate
    names: tuple[str, ...]
    text: str


@dataclass(slots=True)
class _Compiler:
    symbols: Mapping[str, Symbol]
    rounding: tuple[RoundingMode, int]
    text: str
    names: list[str] = field(default_factory=list)

    def fail(self, code: str, message: str) -> ExpressionError:
        return ExpressionError(code, f"{message} In `{self.text}`.")


@dataclass(frozen=True, slots=True)
class _Node:
    kind: Kind
    level: Level | None
    evaluate: Evaluate
    currency: str | None = None
    literal: int | str | None = None


def compile_expression(
    text: str,
    symbols: Mapping[str, Symbol],
    *,
    rounding_mode: RoundingMode = "half_up",
    rounding_unit_minor: int = 1,
) -> Compiled:
    """Parse, check and compile one expression.

    Raises ExpressionError: `expression-syntax`, `unknown-name`, `wrong-type`, `forbidden-function`, `mixed-currency`, `wrong-level`.
    """
    tree = _parse(text)
    compiler = _Compiler(symbols, (rounding_mode, rounding_unit_minor), text)
    node = _compile(tree, compiler, 0)
    return Compiled(
        node.kind, node.level, node.currency, node.evaluate, tuple(dict.fromkeys(compiler.names)), text
    )


def _parse(text: str) -> exp.Expression:
    try:
        tree = sqlglot.parse_one(text, dialect="postgres")
    except (sqlglot.errors.ParseError, sqlglot.errors.TokenError, RecursionError) as fault:
        raise ExpressionError("expression-syntax", f"`{text[:200]}` is not an expression.") from fault
    return tree  # type: ignore[return-value]


def _compile(tree: exp.Expression, c: _Compiler, depth: int) -> _Node:
    if depth > DEPTH_MAX:
        raise c.fail("expression-syntax", f"The expression is nested more than {DEPTH_MAX} deep.")
    compile_node = _NODES.get(type(tree))
    if compile_node is None:
        raise c.fail("forbidden-function", f"`{tree.sql(dialect='postgres')}` may not stand in a law.")
    return compile_node(tree, c, depth + 1)


# ---- leaves ----


def _column(tree: Any, c: _Compiler, _depth: int) -> _Node:
    name = tree.name
    if tree.table or name not in c.symbols:
        close = _closest(name, c.symbols)
        raise c.fail(
            "unknown-name",
            f"`{tree.sql()}` is not in the vocabulary.{f' Did you mean `{close}`?' if close else ''}",
        )
    symbol = c.symbols[name]
    c.names.append(name)
    return _Node(
        symbol.kind,
        symbol.level,
        lambda env: env.read(name),
        symbol.currency,
        literal="list" if symbol.is_list else None,
    )


def _closest(name: str, symbols: Mapping[str, Symbol]) -> str | None:
    found = difflib.get_close_matches(name, symbols, 1)
    return found[0] if found else None


def _literal(tree: Any, c: _Compiler, _depth: int) -> _Node:
    if tree.is_string:
        return _Node("code", None, _refuse_bare_text, literal=tree.this)
    if not tree.this.isdigit() or len(tree.this) > 9:
        raise c.fail(
            "wrong-type",
            f"`{tree.this}` stands bare: amounts and rates are dated parameters; only whole numbers may stand in an expression.",
        )
    number = int(tree.this)
    value = Value(np.array([number], dtype=np.int64))
    return _Node("count", None, lambda _env: value, literal=number)


def _refuse_bare_text(_env: Environment) -> Value:
    raise AssertionError("text is compared, never computed")


def _boolean(tree: Any, _c: _Compiler, _depth: int) -> _Node:
    value = Value(np.array([bool(tree.this)]))
    return _Node("flag", None, lambda _env: value)


def _paren(tree: Any, c: _Compiler, depth: int) -> _Node:
    return _compile(tree.this, c, depth)


# ---- logic ----


def _and(tree: Any, c: _Compiler, depth: int) -> _Node:
    return _logic(tree, c, depth, is_and=True)


def _or(tree: Any, c: _Compiler, depth: int) -> _Node:
    return _logic(tree, c, depth, is_and=False)


def _logic(tree: Any, c: _Compiler, depth: int, *, is_and: bool) -> _Node:
    left, right, level = _pair(tree, c, depth, "flag")

    def evaluate(env: Environment) -> Value:
        a, b = left(env), right(env)
        data = a.data & b.data if is_and else a.data | b.data
        if a.known is None and b.known is None:
            return Value(data)
        a_known, b_known = a.known_flags(), b.known_flags()
        # A known false decides AND, a known true decides OR, whatever the other side is.
        decides_a = a_known & (a.data != is_and)
        decides_b = b_known & (b.data != is_and)
        known = (a_known & b_known) | decides_a | decides_b
        decided = np.where(decides_a | decides_b, not is_and, data)
        return Value(decided.astype(np.bool_), known)

    return _Node("flag", level, evaluate)


def _not(tree: Any, c: _Compiler, depth: int) -> _Node:
    inner = _expect(_compile(tree.this, c, depth), "flag", c)

    def evaluate(env: Environment) -> Value:
        value = inner.evaluate(env)
        return Value(~value.data.astype(np.bool_), value.known)

    return _Node("flag", inner.level, evaluate)


def _is(tree: Any, c: _Compiler, depth: int) -> _Node:
    if not isinstance(tree.expression, exp.Null):
        raise c.fail("wrong-type", "IS is only for NULL.")
    inner = _compile(tree.this, c, depth)
    is_negated = bool(tree.args.get("negate"))

    def evaluate(env: Environment) -> Value:
        value = inner.evaluate(env)
        known = value.data >= 0 if inner.kind == "code" else value.known_flags()
        return Value(known if is_negated else ~known)

    return _Node("flag", inner.level, evaluate)


# ---- comparison ----


def _comparison(operate: Callable[[Any, Any], Any]) -> Callable[[Any, _Compiler, int], _Node]:
    def compile_comparison(tree: Any, c: _Compiler, depth: int) -> _Node:
        left_node, right_node = _compile(tree.this, c, depth), _compile(tree.expression, c, depth)
        if left_node.kind == "code" or right_node.kind == "code":
            return _compare_codes(left_node, right_node, c, is_equal=isinstance(tree, exp.EQ), tree=tree)
        left, right, level = _align(left_node, right_node, c, tree)

        def evaluate(env: Environment) -> Value:
            a, b = left(env), right(env)
            known = both_known(a.known, b.known)
            if left_node.kind == "rate" or right_node.kind == "rate":
                return Value(operate(a.data * b.denominator, b.data * a.denominator), known)
            return Value(operate(a.data, b.data), known)

        return _Node("flag", level, evaluate)

    return compile_comparison


def _compare_codes(left: _Node, right: _Node, c: _Compiler, *, is_equal: bool, tree: Any) -> _Node:
    if not isinstance(tree, exp.EQ | exp.NEQ) or left.kind != right.kind:
        raise c.fail("wrong-type", f"`{tree.sql()}`: codes are compared with = and <> to codes only.")
    if isinstance(left.literal, str):
        left, right = right, left
    if isinstance(right.literal, str) and left.literal is None:
        return _code_test(left, lambda word: word == right.literal, invert=not is_equal)
    left_of, right_of, level = _align(left, right, c, tree)

    def evaluate(env: Environment) -> Value:
        a, b = left_of(env), right_of(env)
        number_of = {word: number for number, word in enumerate(a.words)}
        translate = np.array([*(number_of.get(word, -2) for word in b.words), -1], dtype=np.int64)
        same = a.data == translate[b.data]
        return Value(same if is_equal else ~same, _codes_known(a, b))

    return _Node("flag", level, evaluate)


def _codes_known(a: Value, b: Value) -> Flags | None:
    return both_known(_code_known(a), _code_known(b))


def _code_known(value: Value) -> Flags | None:
    known = value.data >= 0
    return None if known.all() else known


def _code_test(node: _Node, is_true: Callable[[str], bool], *, invert: bool = False) -> _Node:
    """Test a code by testing its few words; an absent code is unknown."""

    def evaluate(env: Environment) -> Value:
        value = node.evaluate(env)
        answers = Coded(value.words, value.data).map_flags([is_true(word) for word in value.words])  # type: ignore[arg-type]
        return Value(~answers if invert else answers, _code_known(value))

    return _Node("flag", node.level, evaluate)


def _in(tree: Any, c: _Compiler, depth: int) -> _Node:
    node = _compile(tree.this, c, depth)
    words = [item.this for item in tree.expressions if isinstance(item, exp.Literal) and item.is_string]
    if node.kind != "code" or len(words) != len(tree.expressions) or not words:
        raise c.fail("wrong-type", f"`{tree.sql()}`: IN compares a code with texts in quotes.")
    allowed = frozenset(words)
    return _code_test(node, allowed.__contains__)


def _between(tree: Any, c: _Compiler, depth: int) -> _Node:
    low = exp.GTE(this=tree.this.copy(), expression=tree.args["low"])
    high = exp.LTE(this=tree.this.copy(), expression=tree.args["high"])
    return _compile(exp.And(this=low, expression=high), c, depth)


# ---- arithmetic ----


def _additive(sign: int) -> Callable[[Any, _Compiler, int], _Node]:
    def compile_additive(tree: Any, c: _Compiler, depth: int) -> _Node:
        left_node, right_node = _compile(tree.this, c, depth), _compile(tree.expression, c, depth)
        left, right, level = _align(left_node, right_node, c, tree)
        kind = "rate" if "rate" in (left_node.kind, right_node.kind) else left_node.kind
        if kind in ("code", "flag"):
            raise c.fail("wrong-type", f"`{tree.sql()}` adds what is not a number.")

        def evaluate(env: Environment) -> Value:
            a, b = left(env), right(env)
            known = both_known(a.known, b.known)
            if kind == "rate":
                numerator = a.data * b.denominator + sign * (b.data * a.denominator)
                return Value(numerator, known, a.denominator * b.denominator)
            return Value(a.data + sign * b.data, known)

        return _Node(kind, level, evaluate, left_node.currency or right_node.currency)

    return compile_additive


def _multiply(tree: Any, c: _Compiler, depth: int) -> _Node:
    left_node, right_node = _compile(tree.this, c, depth), _compile(tree.expression, c, depth)
    if left_node.kind == "rate" and right_node.kind in ("money", "mass"):
        left_node, right_node = right_node, left_node
    if left_node.kind == "count" and right_node.kind in ("money", "mass", "rate"):
        left_node, right_node = right_node, left_node
    left, right, level = _level_pair(left_node, right_node)
    kinds = (left_node.kind, right_node.kind)
    mode, unit = c.rounding
    if kinds in (("money", "rate"), ("mass", "rate")):

        def evaluate(env: Environment) -> Value:
            a, b = left(env), right(env)
            amount, numerator = np.broadcast_arrays(a.data, b.data)
            product = multiply_divide(amount, numerator, b.denominator, mode=mode, unit=unit)
            return Value(product, both_known(a.known, b.known))
    elif kinds == ("rate", "rate"):

        def evaluate(env: Environment) -> Value:
            a, b = left(env), right(env)
            return Value(a.data * b.data, both_known(a.known, b.known), a.denominator * b.denominator)
    elif kinds in (("money", "count"), ("mass", "count"), ("count", "count")):

        def evaluate(env: Environment) -> Value:
            a, b = left(env), right(env)
            return Value(_checked_product(a.data, b.data), both_known(a.known, b.known))
    elif kinds == ("rate", "count"):

        def evaluate(env: Environment) -> Value:
            a, b = left(env), right(env)
            return Value(a.data * b.data, both_known(a.known, b.known), a.denominator)
    else:
        raise c.fail("wrong-type", f"`{tree.sql()}`: {kinds[0]} times {kinds[1]} has no meaning in a law.")
    return _Node(left_node.kind, level, evaluate, left_node.currency)


def _checked_product(a: Any, b: Any) -> Int64s:
    if int(np.abs(a).max(initial=0)) * int(np.abs(b).max(initial=0)) >= SAFE:
        raise OverflowError(
            "a product leaves 64 bits; amounts are checked at the door, so a parameter is out of range"
        )
    return a * b  # type: ignore[no-any-return]


def _divide(tree: Any, c: _Compiler, depth: int) -> _Node:
    left_node, right_node = _compile(tree.this, c, depth), _compile(tree.expression, c, depth)
    left, right, level = _level_pair(left_node, right_node)
    kinds = (left_node.kind, right_node.kind)
    mode, unit = c.rounding
    if kinds in (
        ("rate", "rate"),
        ("count", "rate"),
        ("rate", "count"),
        ("money", "money"),
        ("count", "count"),
        ("mass", "mass"),
    ):
        # A quotient of like things is an exact fraction; nothing is rounded until it meets an amount.
        def evaluate(env: Environment) -> Value:
            a, b = left(env), right(env)
            divisor = b.data * a.denominator
            is_zero = divisor == 0
            known = both_known(a.known, b.known)
            if is_zero.any():
                known = both_known(known, ~np.broadcast_to(is_zero, np.broadcast(a.data, divisor).shape))
                divisor = np.where(is_zero, 1, divisor)
            return Value(a.data * b.denominator, known, divisor)

        return _Node("rate", level, evaluate)
    if kinds == ("money", "rate"):

        def evaluate_money(env: Environment) -> Value:
            a, b = left(env), right(env)
            amount, divisor, denominator = np.broadcast_arrays(a.data, b.data, b.denominator)
            return Value(
                multiply_divide(amount, denominator, divisor, mode=mode, unit=unit),
                both_known(a.known, b.known),
            )

        return _Node("money", level, evaluate_money, left_node.currency)
    raise c.fail("wrong-type", f"`{tree.sql()}`: {kinds[0]} by {kinds[1]} has no meaning in a law.")


# ---- choice ----


def _case(tree: Any, c: _Compiler, depth: int) -> _Node:
    if tree.this is not None or tree.args.get("default") is None:
        raise c.fail("expression-syntax", "CASE needs WHEN conditions and an ELSE.")
    result = _compile(tree.args["default"], c, depth)
    for branch in reversed(tree.args["ifs"]):
        condition = _expect(_compile(branch.this, c, depth), "flag", c)
        result = _choose(condition, _compile(branch.args["true"], c, depth), result, c, tree)
    return result


def _choose(condition: _Node, yes: _Node, no: _Node, c: _Compiler, tree: Any) -> _Node:
    yes, no = _as_common_kind(yes, no, c, tree)
    level = _join_levels(condition.level, yes.level, no.level)
    parts = [_at_level(node, level) for node in (condition, yes, no)]

    def evaluate(env: Environment) -> Value:
        test, a, b = (part(env) for part in parts)
        data = np.where(test.data, a.data, b.data)
        denominator = np.where(test.data, a.denominator, b.denominator) if yes.kind == "rate" else 1
        if test.known is None and a.known is None and b.known is None:
            return Value(data, None, denominator)
        known = test.known_flags() & np.where(test.data, a.known_flags(), b.known_flags())
        return Value(data, known, denominator)

    return _Node(yes.kind, level, evaluate, yes.currency or no.currency)


def _coalesce(tree: Any, c: _Compiler, depth: int) -> _Node:
    nodes = [_compile(part, c, depth) for part in (tree.this, *tree.expressions)]
    result = nodes[-1]
    for node in reversed(nodes[:-1]):
        result = _first_known(node, result, c, tree)
    return result


def _first_known(first: _Node, second: _Node, c: _Compiler, tree: Any) -> _Node:
    first, second = _as_common_kind(first, second, c, tree)
    level = _join_levels(first.level, second.level)
    first_of, second_of = _at_level(first, level), _at_level(second, level)

    def evaluate(env: Environment) -> Value:
        a = first_of(env)
        if a.known is None:
            return a
        b = second_of(env)
        denominator = np.where(a.known, a.denominator, b.denominator) if first.kind == "rate" else 1
        known = None if b.known is None else a.known | b.known
        return Value(np.where(a.known, a.data, b.data), known, denominator)

    return _Node(first.kind, level, evaluate, first.currency or second.currency)


def _extreme(choose: Callable[[Any, Any], Any]) -> Callable[[Any, _Compiler, int], _Node]:
    def compile_extreme(tree: Any, c: _Compiler, depth: int) -> _Node:
        nodes = [_compile(part, c, depth) for part in (tree.this, *tree.expressions)]
        result = nodes[0]
        for node in nodes[1:]:
            result = _extreme_of(result, node, choose, c, tree)
        return result

    return compile_extreme


def _extreme_of(
    a_node: _Node, b_node: _Node, choose: Callable[[Any, Any], Any], c: _Compiler, tree: Any
) -> _Node:
    if a_node.kind in ("rate", "code", "flag"):
        raise c.fail("wrong-type", f"`{tree.sql()}` compares what has no order here.")
    left, right, level = _align(a_node, b_node, c, tree)

    def evaluate(env: Environment) -> Value:
        a, b = left(env), right(env)
        return Value(choose(a.data, b.data), both_known(a.known, b.known))

    return _Node(
        a_node.kind if a_node.literal is None else b_node.kind,
        level,
        evaluate,
        a_node.currency or b_node.currency,
    )


# ---- from items to the consignment ----


def _aggregate(reduce: Any, kinds: tuple[str, ...]) -> Callable[[Any, _Compiler, int], _Node]:
    def compile_aggregate(tree: Any, c: _Compiler, depth: int) -> _Node:
        if tree.expressions if isinstance(tree, exp.Max | exp.Min) else False:
            raise c.fail(
                "wrong-type", f"`{tree.sql()}` takes one expression; LEAST and GREATEST compare several."
            )
        inner = _compile(tree.this, c, depth)
        if inner.level != "item" or inner.kind not in kinds:
            raise c.fail("wrong-level", f"`{tree.sql()}` needs {' or '.join(kinds)} of a goods item.")

        def evaluate(env: Environment) -> Value:
            value = inner.evaluate(env)
            data = np.broadcast_to(value.data, env.owner.shape)
            known = (
                None
                if value.known is None
                else np.logical_and.reduceat(np.broadcast_to(value.known, env.owner.shape), env.first_items)
            )
            return Value(reduce.reduceat(data, env.first_items), known)

        return _Node(inner.kind, "consignment", evaluate, inner.currency)

    return compile_aggregate


# ---- functions of the vocabulary ----


def _anonymous(tree: Any, c: _Compiler, depth: int) -> _Node:
    compile_function = _FUNCTIONS.get(tree.name.upper())
    if compile_function is None:
        raise c.fail(
            "forbidden-function",
            f"`{tree.name}` is not a function of the vocabulary; there are {', '.join(sorted(FUNCTIONS))}.",
        )
    return compile_function(tree, c, depth)


def _arguments(tree: Any, c: _Compiler, depth: int, *kinds: Kind) -> list[_Node]:
    if len(tree.expressions) != len(kinds):
        raise c.fail("wrong-type", f"`{tree.sql()}` takes {len(kinds)} arguments.")
    return [
        _expect(_compile(part, c, depth), kind, c) for part, kind in zip(tree.expressions, kinds, strict=True)
    ]


def _list_test(is_match: Callable[[str, tuple[str, ...]], bool]) -> Callable[[Any, _Compiler, int], _Node]:
    def compile_list_test(tree: Any, c: _Compiler, depth: int) -> _Node:
        node, texts = _arguments(tree, c, depth, "code", "code")
        if texts.literal != "list":
            raise c.fail("wrong-type", f"`{tree.sql()}`: the second argument is a list parameter.")

        def evaluate(env: Environment) -> Value:
            listed = texts.evaluate(env)
            value = node.evaluate(env)
            answers = Coded(value.words, value.data).map_flags(
                [is_match(word, listed.words) for word in value.words]
            )  # type: ignore[arg-type]
            return Value(answers, both_known(_code_known(value), listed.known))

        return _Node("flag", node.level, evaluate)

    return compile_list_test


def _fill_whole_units(tree: Any, c: _Compiler, depth: int) -> _Node:
    unit_value, quantity, limit = _arguments(tree, c, depth, "money", "count", "money")
    if unit_value.level != "item" or quantity.level != "item" or limit.level == "item":
        raise c.fail(
            "wrong-level",
            f"`{tree.sql()}` takes a value and a count of an item and a limit of the consignment.",
        )

    def evaluate(env: Environment) -> Value:
        values, counts, limits = unit_value.evaluate(env), quantity.evaluate(env), limit.evaluate(env)
        room = np.broadcast_to(limits.data, env.first_items.shape)
        fitted = fill_whole_units(values.data, counts.data, room, env.owner, env.first_items)
        limit_known = (
            None if limits.known is None else np.broadcast_to(limits.known, env.first_items.shape)[env.owner]
        )
        return Value(fitted, both_known(both_known(values.known, counts.known), limit_known))

    return _Node("count", "item", evaluate)


def _tariff_duty(tree: Any, c: _Compiler, depth: int) -> _Node:
    (amount,) = _arguments(tree, c, depth, "money")
    if amount.level != "item":
        raise c.fail("wrong-level", f"`{tree.sql()}` takes a value of an item.")
    c.names.append("duty_rate")
    return _Node("money", "item", lambda env: env.tariff_duty(amount.evaluate(env)), amount.currency)


def _in_currency(tree: Any, c: _Compiler, depth: int) -> _Node:
    if len(tree.expressions) != 2 or not tree.expressions[1].is_string:
        raise c.fail("wrong-type", f"`{tree.sql()}` takes an amount and a currency in quotes.")
    amount = _expect(_compile(tree.expressions[0], c, depth), "money", c)
    source, target = amount.currency, tree.expressions[1].this
    if source is None:
        raise c.fail("wrong-type", f"`{tree.sql()}` needs an amount with a currency.")
    # The rate is that of a day, so that even a fixed amount differs from consignment to consignment.
    level: Level = "item" if amount.level == "item" else "consignment"
    return _Node("money", level, lambda env: env.in_currency(amount.evaluate(env), source, target), target)


def _floor_to(tree: Any, c: _Compiler, depth: int) -> _Node:
    amount_node, unit_node = _arguments(tree, c, depth, "money", "money")
    left, right, level = _align(amount_node, unit_node, c, tree)

    def evaluate(env: Environment) -> Value:
        amount, unit = left(env), right(env)
        return Value(amount.data // unit.data * unit.data, both_known(amount.known, unit.known))

    return _Node("money", level, evaluate, amount_node.currency)


def _rounded(tree: Any, c: _Compiler, depth: int) -> _Node:
    (amount,) = _arguments(tree, c, depth, "money")
    mode, unit = c.rounding

    def evaluate(env: Environment) -> Value:
        value = amount.evaluate(env)
        return Value(multiply_divide(value.data, 1, 1, mode=mode, unit=unit), value.known)

    return _Node("money", amount.level, evaluate, amount.currency)


def _share_out(tree: Any, c: _Compiler, depth: int) -> _Node:
    total, weight = _arguments(tree, c, depth, "money", "money")
    if total.level == "item" or weight.level != "item":
        raise c.fail(
            "wrong-level", f"`{tree.sql()}` shares an amount of the consignment by a value of its items."
        )
    return _Node(
        "money", "item", lambda env: env.share_out(total.evaluate(env), weight.evaluate(env)), total.currency
    )


# ---- kinds, currencies, levels ----


def _expect(node: _Node, kind: Kind, c: _Compiler) -> _Node:
    if node.kind == kind or (kind == "money" and node.literal == 0):
        return node
    raise c.fail("wrong-type", f"A {kind} is needed where a {node.kind} stands.")


def _pair(tree: Any, c: _Compiler, depth: int, kind: Kind) -> tuple[Evaluate, Evaluate, Level | None]:
    left, right = (
        _expect(_compile(tree.this, c, depth), kind, c),
        _expect(_compile(tree.expression, c, depth), kind, c),
    )
    return _level_pair(left, right)


def _as_common_kind(a: _Node, b: _Node, c: _Compiler, tree: Any) -> tuple[_Node, _Node]:
    """A bare 0 takes the kind of the other side; a bare whole number is a rate of so many wholes beside a rate."""
    if a.kind != b.kind and isinstance(a.literal, int):
        a = (
            _Node(b.kind, None, a.evaluate, b.currency, a.literal)
            if a.literal == 0 or b.kind == "rate"
            else a
        )
    if a.kind != b.kind and isinstance(b.literal, int):
        b = (
            _Node(a.kind, None, b.evaluate, a.currency, b.literal)
            if b.literal == 0 or a.kind == "rate"
            else b
        )
    if a.kind != b.kind or a.kind == "code":
        raise c.fail("wrong-type", f"`{tree.sql(dialect='postgres')}` brings {a.kind} and {b.kind} together.")
    if a.currency != b.currency and a.kind == "money":
        raise c.fail(
            "mixed-currency",
            f"`{tree.sql(dialect='postgres')}` brings {a.currency} and {b.currency} together.",
        )
    return a, b


def _align(a: _Node, b: _Node, c: _Compiler, tree: Any) -> tuple[Evaluate, Evaluate, Level | None]:
    if a.kind == "code" and b.kind == "code":
        return _level_pair(a, b)
    a, b = _as_common_kind(a, b, c, tree)
    return _level_pair(a, b)


def _level_pair(a: _Node, b: _Node) -> tuple[Evaluate, Evaluate, Level | None]:
    level = _join_levels(a.level, b.level)
    return _at_level(a, level), _at_level(b, level), level


def _join_levels(*levels: Level | None) -> Level | None:
    return "item" if "item" in levels else "consignment" if "consignment" in levels else None


def _at_level(node: _Node, level: Level | None) -> Evaluate:
    if node.level == "consignment" and level == "item":
        return lambda env: spread(node.evaluate(env), env.owner)
    return node.evaluate


_NODES: dict[type, Callable[[Any, _Compiler, int], _Node]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Paren: _paren,
    exp.And: _and,
    exp.Or: _or,
    exp.Not: _not,
    exp.Is: _is,
    exp.EQ: _comparison(np.equal),
    exp.NEQ: _comparison(np.not_equal),
    exp.LT: _comparison(np.less),
    exp.LTE: _comparison(np.less_equal),
    exp.GT: _comparison(np.greater),
    exp.GTE: _comparison(np.greater_equal),
    exp.In: _in,
    exp.Between: _between,
    exp.Add: _additive(1),
    exp.Sub: _additive(-1),
    exp.Mul: _multiply,
    exp.Div: _divide,
    exp.Case: _case,
    exp.Coalesce: _coalesce,
    exp.Least: _extreme(np.minimum),
    exp.Greatest: _extreme(np.maximum),
    exp.Sum: _aggregate(np.add, ("money", "count", "mass")),
    exp.Max: _aggregate(np.maximum, ("money", "count", "mass", "date")),
    exp.Min: _aggregate(np.minimum, ("money", "count", "mass", "date")),
    exp.LogicalOr: _aggregate(np.logical_or, ("flag",)),
    exp.LogicalAnd: _aggregate(np.logical_and, ("flag",)),
    exp.Anonymous: _anonymous,
}

_FUNCTIONS: dict[str, Callable[[Any, _Compiler, int], _Node]] = {
    "STARTS_WITH_ANY": _list_test(lambda word, prefixes: word.startswith(prefixes)),
    "IN_LIST": _list_test(lambda word, codes: word in codes),
    "FILL_WHOLE_UNITS": _fill_whole_units,
    "TARIFF_DUTY": _tariff_duty,
    "IN_CURRENCY": _in_currency,
    "FLOOR_TO": _floor_to,
    "ROUNDED": _rounded,
    "SHARE_OUT": _share_out,
}
