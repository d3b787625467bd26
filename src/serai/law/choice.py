"""CASE and COALESCE: one of several values. What hangs on an unknown condition is unknown."""

from typing import Any

import numpy as np

from serai.law.node import Compiler, Environment, Node, as_common_kind, at_level, join_levels
from serai.law.plain import Writer
from serai.law.small_arrays import all_true, any_true
from serai.law.values import Value


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
