"""Conditions, and what is chosen by them: AND, OR, NOT, IS NULL, comparisons, IN, BETWEEN, CASE, COALESCE.

Unknown is Kleene's third truth value: `AND` with something false is false whatever else is unknown; a
comparison with an unknown is unknown, and so is a choice that hangs on one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sqlglot import exp

from serai.law.exact import checked_product
from serai.law.nearest import did_you_mean
from serai.law.node import (
    CompileNode,
    Compiler,
    Environment,
    Node,
    Operate,
    align,
    as_common_kind,
    at_level,
    join_levels,
    level_pair,
    sql_of,
)
from serai.law.plain import Writer, checked
from serai.law.small_arrays import all_true, any_true
from serai.law.values import Value, both_known
from serai.model.columns import Flags


def compile_and(tree: Any, c: Compiler, depth: int) -> Node:
    """Both hold."""
    return _logic(tree, c, depth, is_and=True)


def compile_or(tree: Any, c: Compiler, depth: int) -> Node:
    """At least one holds."""
    return _logic(tree, c, depth, is_and=False)


def _logic(tree: Any, c: Compiler, depth: int, *, is_and: bool) -> Node:
    left_node, right_node, level = level_pair(
        c.expect(tree.this, depth, "flag"), c.expect(tree.expression, depth, "flag")
    )
    left, right = left_node.evaluate, right_node.evaluate

    def evaluate(env: Environment) -> Value:
        a = left(env)
        # What is known to be false everywhere decides AND, true OR: most conditions end here, unasked.
        if a.known is None and not (any_true if is_and else _any_false)(a.flags):
            return a
        b = right(env)
        data = a.flags & b.flags if is_and else a.flags | b.flags
        if a.known is None and b.known is None:
            return Value(data)
        a_known, b_known = a.known_flags(), b.known_flags()
        # A known false decides AND, a known true decides OR, whatever the other side is.
        decides_a = a_known & (a.flags != is_and)
        decides_b = b_known & (b.flags != is_and)
        is_decided = decides_a | decides_b
        known = (a_known & b_known) | is_decided
        return Value(np.where(is_decided, not is_and, data), known)

    def source(writer: Writer) -> str:
        a, b = writer.name(), writer.name()
        decides, other = not is_and, is_and
        return (
            f"({decides} if ({a} := {left_node.source(writer)}) is {decides}"
            f" or ({b} := {right_node.source(writer)}) is {decides}"
            f" else None if {a} is None or {b} is None else {other})"
        )

    return Node("flag", level, evaluate, source, most=1)


def _any_false(flags: Flags) -> bool:
    return not all_true(flags)


def compile_not(tree: Any, c: Compiler, depth: int) -> Node:
    """The condition does not hold; not of an unknown is unknown."""
    inner = c.expect(tree.this, depth, "flag")

    def evaluate(env: Environment) -> Value:
        value = inner.evaluate(env)
        return Value(~value.flags, value.known)

    def source(writer: Writer) -> str:
        return writer.known((inner.source,), lambda value: f"(not {value})")

    return Node("flag", inner.level, evaluate, source, most=1)


def compile_is_null(tree: Any, c: Compiler, depth: int) -> Node:
    """Whether something is unknown: the one condition that is always known."""
    if not isinstance(tree.expression, exp.Null):
        raise c.fault("wrong-type", "IS is only for NULL.")
    inner = c.compile(tree.this, depth)
    if inner.literal is not None:
        raise c.fault("wrong-type", f"`{sql_of(tree)}`: a fixed value is always known.")
    # IS NOT NULL comes as this node with `negate`, not as NOT around it.
    is_negated = bool(tree.args.get("negate"))

    def evaluate(env: Environment) -> Value:
        value = inner.evaluate(env)
        known = value.known_flags()
        return Value(known if is_negated else ~known)

    def source(writer: Writer) -> str:
        return f"({inner.source(writer)} {'is not' if is_negated else 'is'} None)"

    return Node("flag", inner.level, evaluate, source, most=1)


def comparison(operate: Operate, sign: str) -> CompileNode:
    """Return what compiles a comparison. operate: of columns; sign: the same of two numbers."""

    def compile_comparison(tree: Any, c: Compiler, depth: int) -> Node:
        left_node, right_node = c.compile(tree.this, depth), c.compile(tree.expression, depth)
        if left_node.kind == "code" or right_node.kind == "code":
            return _compare_codes(left_node, right_node, c, tree)
        if left_node.kind == "flag" or right_node.kind == "flag":
            raise c.fault("wrong-type", f"`{sql_of(tree)}`: a condition stands alone or with NOT.")
        is_rate = "rate" in (left_node.kind, right_node.kind)
        left_node, right_node, level = align(left_node, right_node, c, tree)
        left, right = left_node.evaluate, right_node.evaluate

        def evaluate(env: Environment) -> Value:
            a, b = left(env), right(env)
            known = both_known(a.known, b.known)
            if is_rate:
                crossed = checked_product(a.numbers, b.denominator), checked_product(b.numbers, a.denominator)
                return Value(operate(*crossed), known)
            return Value(operate(a.data, b.data), known)

        def source(writer: Writer) -> str:
            def compare(a: str, b: str) -> str:
                if not is_rate:
                    return f"({a} {sign} {b})"
                check = writer.constant(checked)
                return f"({check}({a}[0] * {b}[1]) {sign} {check}({b}[0] * {a}[1]))"

            return writer.known((left_node.source, right_node.source), compare)

        return Node("flag", level, evaluate, source, most=1)

    return compile_comparison


def _compare_codes(left: Node, right: Node, c: Compiler, tree: Any) -> Node:
    is_equal = isinstance(tree, exp.EQ)
    if not isinstance(tree, exp.EQ | exp.NEQ) or left.kind != right.kind:
        raise c.fault("wrong-type", f"`{sql_of(tree)}`: codes are compared with = and <> to codes only.")
    if isinstance(left.literal, str):
        left, right = right, left
    if left.literal is not None:
        raise c.fault("wrong-type", f"`{sql_of(tree)}` compares no code of a document.")
    if right.literal == "list":
        raise c.fault("wrong-type", f"`{sql_of(tree)}`: a list is asked with IN_LIST or STARTS_WITH_ANY.")
    if isinstance(right.literal, str):
        text = right.literal
        _refuse_unknown_codes(left, [text], c)
        sign = "==" if is_equal else "!="
        return code_test(left, lambda word: (word == text) == is_equal, sign, text)
    left, right, level = align(left, right, c, tree)
    left_of, right_of = left.evaluate, right.evaluate

    def evaluate(env: Environment) -> Value:
        a, b = left_of(env), right_of(env)
        number_of = {word: number for number, word in enumerate(a.words)}
        translate = np.array([*(number_of.get(word, -2) for word in b.words), -1], dtype=np.int64)
        same = np.equal(a.data, translate[b.data])
        return Value(same if is_equal else ~same, both_known(a.known, b.known))

    def source(writer: Writer) -> str:
        sign = "==" if is_equal else "!="
        return writer.known((left.source, right.source), lambda a, b: f"({a} {sign} {b})")

    return Node("flag", level, evaluate, source, most=1)


_WORDS_KEPT, _ANSWERS_KEPT = 8, 1_000
"""Answers for a few words come again with the next batch; those for many words seldom do."""


def code_test(node: Node, is_true: Callable[[str], bool], sign: str, other: object) -> Node:
    """Test a code by testing its few words; an absent code is unknown. sign, other: the same test written."""
    answered: dict[tuple[str, ...], Flags] = {}

    def evaluate(env: Environment) -> Value:
        value = node.evaluate(env)
        words = value.words
        answers = answered.get(words)
        if answers is None:
            answers = np.array([*map(is_true, words), False], dtype=np.bool_)
            if len(words) <= _WORDS_KEPT and len(answered) < _ANSWERS_KEPT:
                answered[words] = answers
        return Value(answers[value.data], value.known)

    def source(writer: Writer) -> str:
        return writer.known((node.source,), lambda word: f"({word} {sign} {writer.constant(other)})")

    return Node("flag", node.level, evaluate, source, most=1)


def compile_in(tree: Any, c: Compiler, depth: int) -> Node:
    """A code is one of some texts."""
    node = c.compile(tree.this, depth)
    words = [item.this for item in tree.expressions if isinstance(item, exp.Literal) and item.is_string]
    if node.kind != "code" or node.literal or len(words) != len(tree.expressions) or not words:
        raise c.fault("wrong-type", f"`{sql_of(tree)}`: IN compares a code with texts in quotes.")
    _refuse_unknown_codes(node, words, c)
    allowed = frozenset(words)
    return code_test(node, allowed.__contains__, "in", allowed)


def _refuse_unknown_codes(node: Node, words: list[str], c: Compiler) -> None:
    """A code that its list does not have is never met: the condition would hold for nobody, or for all."""
    for word in words:
        if node.codes and word not in node.codes:
            near = did_you_mean(word, node.codes)
            raise c.fault("unknown-code", f"`{word}` is none of {', '.join(node.codes)}.{near}")


def compile_between(tree: Any, c: Compiler, depth: int) -> Node:
    """At least the first and at most the second, both included."""
    low = exp.GTE(this=tree.this.copy(), expression=tree.args["low"])
    high = exp.LTE(this=tree.this.copy(), expression=tree.args["high"])
    return c.compile(exp.And(this=low, expression=high), depth)


def compile_case(tree: Any, c: Compiler, depth: int) -> Node:
    """CASE WHEN condition THEN value ... ELSE value END."""
    if tree.this is not None or tree.args.get("default") is None:
        raise c.fault("expression-syntax", "CASE needs WHEN conditions and an ELSE.")
    result = c.compile(tree.args["default"], depth)
    for branch in reversed(tree.args["ifs"]):
        condition = c.expect(branch.this, depth, "flag")
        result = _choose(condition, c.compile(branch.args["true"], depth), result, c, tree)
    return result


def _choose(condition: Node, yes: Node, no: Node, c: Compiler, tree: Any) -> Node:
    yes, no = as_common_kind(yes, no, c, tree)
    level = join_levels(condition.level, yes.level, no.level)
    test_of, yes_of, no_of = (at_level(node, level).evaluate for node in (condition, yes, no))

    def evaluate(env: Environment) -> Value:
        test = test_of(env)
        if test.known is None:
            # Only what somebody's row chooses is computed.
            if all_true(test.flags):
                return yes_of(env)
            if not any_true(test.flags):
                return no_of(env)
        a, b = yes_of(env), no_of(env)
        data = np.where(test.flags, a.data, b.data)
        denominator = np.where(test.flags, a.denominator, b.denominator) if yes.kind == "rate" else 1
        if test.known is None and a.known is None and b.known is None:
            return Value(data, None, denominator)
        known = test.known_flags() & np.where(test.flags, a.known_flags(), b.known_flags())
        return Value(data, np.broadcast_to(known, data.shape), denominator)

    def source(writer: Writer) -> str:
        def either(test: str) -> str:
            return f"({yes.source(writer)} if {test} else {no.source(writer)})"

        return writer.known((condition.source,), either)

    literal = 0 if yes.literal == 0 and no.literal == 0 else None
    currency = yes.currency or no.currency
    return Node(yes.kind, level, evaluate, source, currency, literal, max(yes.most, no.most))


def compile_coalesce(tree: Any, c: Compiler, depth: int) -> Node:
    """COALESCE: the first that is known."""
    nodes = [c.compile(part, depth) for part in (tree.this, *tree.expressions)]
    result = nodes[-1]
    for node in reversed(nodes[:-1]):
        result = _first_known(node, result, c, tree)
    return result


def _first_known(first: Node, second: Node, c: Compiler, tree: Any) -> Node:
    first, second = as_common_kind(first, second, c, tree)
    level = join_levels(first.level, second.level)
    first_of, second_of = at_level(first, level).evaluate, at_level(second, level).evaluate

    def evaluate(env: Environment) -> Value:
        a = first_of(env)
        if a.known is None:
            return a
        b = second_of(env)
        denominator = np.where(a.known, a.denominator, b.denominator) if first.kind == "rate" else 1
        known = None if b.known is None else a.known | b.known
        return Value(np.where(a.known, a.data, b.data), known, denominator)

    def source(writer: Writer) -> str:
        value = writer.name()
        return f"({second.source(writer)} if ({value} := {first.source(writer)}) is None else {value})"

    return Node(
        first.kind,
        level,
        evaluate,
        source,
        first.currency or second.currency,
        most=max(first.most, second.most),
    )
