"""Sums, products, quotients and extremes of amounts, rates, masses and counts.

Sums are proven to fit when a pack is loaded; products are checked when computed. So a result is right or an
OverflowError, never wrapped.
"""

from typing import Any

import numpy as np

from serai.law.exact import checked_product, magnitude, multiply_divide
from serai.law.node import (
    PRODUCT_MOST,
    CompileNode,
    Compiler,
    Environment,
    Node,
    Operate,
    align,
    as_common_kind,
    level_pair,
    sql_of,
)
from serai.law.plain import Plain, PlainRate, Writer, as_rate, checked, divide_plain
from serai.law.values import Value, both_known
from serai.model.columns import Int64s


def additive(sign: int) -> CompileNode:
    """Return what compiles a sum (sign 1) or a difference (-1)."""

    def compile_additive(tree: Any, c: Compiler, depth: int) -> Node:
        left_node, right_node = c.compile(tree.this, depth), c.compile(tree.expression, depth)
        if "code" in (left_node.kind, right_node.kind) or "flag" in (left_node.kind, right_node.kind):
            raise c.fault("wrong-type", f"`{sql_of(tree)}` adds what is not a number.")
        kind = as_common_kind(left_node, right_node, c, tree)[0].kind
        currency = left_node.currency or right_node.currency
        left_node, right_node, level = align(left_node, right_node, c, tree)
        left, right = left_node.evaluate, right_node.evaluate
        most = c.within_sum(tree, left_node.most + right_node.most)

        def evaluate(env: Environment) -> Value:
            a, b = left(env), right(env)
            known = both_known(a.known, b.known)
            if kind == "rate":
                numerator = checked_product(a.numbers, b.denominator) + sign * checked_product(
                    b.numbers, a.denominator
                )
                return Value(numerator, known, checked_product(a.denominator, b.denominator))
            return Value(a.numbers + sign * b.numbers, known)

        def source(writer: Writer) -> str:
            symbol = "+" if sign > 0 else "-"

            def add(a: str, b: str) -> str:
                if kind != "rate":
                    return f"({a} {symbol} {b})"
                check = writer.constant(checked)
                numerator = f"{check}({a}[0] * {b}[1]) {symbol} {check}({b}[0] * {a}[1])"
                return f"({numerator}, {check}({a}[1] * {b}[1]))"

            return writer.known((left_node.source, right_node.source), add)

        return Node(kind, level, evaluate, source, currency, most=most)

    return compile_additive


_BEFORE = {"rate": ("money", "mass"), "count": ("money", "mass", "rate")}
"""Which kinds stand first when multiplied by one: the order of factors has no meaning."""


def compile_multiply(tree: Any, c: Compiler, depth: int) -> Node:
    """A product: amount or mass by rate (rounded as the pack says), rates exactly, anything by a count."""
    left_node, right_node = c.compile(tree.this, depth), c.compile(tree.expression, depth)
    if right_node.kind in _BEFORE.get(left_node.kind, ()):
        left_node, right_node = right_node, left_node
    left_node, right_node, level = level_pair(left_node, right_node)
    left, right = left_node.evaluate, right_node.evaluate
    kinds = (left_node.kind, right_node.kind)
    mode, unit = c.rounding

    def by_rate(a: Value, b: Value) -> Value:
        amount, numerator = np.broadcast_arrays(a.numbers, b.numbers)
        product = multiply_divide(amount, numerator, b.denominator, mode=mode, unit=unit)
        return Value(within_product(product), both_known(a.known, b.known))

    def exactly(a: Value, b: Value) -> Value:
        denominator = checked_product(a.denominator, b.denominator)
        return Value(checked_product(a.numbers, b.numbers), both_known(a.known, b.known), denominator)

    def by_count(a: Value, b: Value) -> Value:
        product = checked_product(a.numbers, b.numbers)
        return Value(within_product(product), both_known(a.known, b.known))

    def plain_by_rate(a: int, b: PlainRate) -> int:
        return within_amount(divide_plain(a, *b, mode=mode, unit=unit))

    def plain_exactly(a: PlainRate, b: Plain) -> PlainRate:
        numerator, denominator = as_rate(b)
        return checked(a[0] * numerator), checked(a[1] * denominator)

    def plain_by_count(a: int, b: int) -> int:
        return within_amount(checked(a * b))

    combine_plain: Operate
    if kinds in (("money", "rate"), ("mass", "rate")):
        combine, combine_plain = by_rate, plain_by_rate
    elif kinds in (("rate", "rate"), ("rate", "count")):
        combine, combine_plain = exactly, plain_exactly
    elif kinds in (("money", "count"), ("mass", "count"), ("count", "count")):
        combine, combine_plain = by_count, plain_by_count
    else:
        raise c.fault("wrong-type", f"`{sql_of(tree)}`: {kinds[0]} times {kinds[1]} has no meaning in a law.")

    def source(writer: Writer) -> str:
        combined = writer.constant(combine_plain)
        return writer.known((left_node.source, right_node.source), lambda a, b: f"{combined}({a}, {b})")

    return Node(
        left_node.kind,
        level,
        lambda env: combine(left(env), right(env)),
        source,
        left_node.currency,
        most=PRODUCT_MOST,
    )


def within_amount(product: int, most: int = PRODUCT_MOST) -> int:
    """Return an amount whose magnitude is no more than `most`; raises OverflowError."""
    if -most <= product <= most:
        return product
    raise OverflowError("an amount is more than a law may give; a parameter or a rate is out of range")


def within_product(product: Int64s, most: int = PRODUCT_MOST) -> Int64s:
    """Return a product whose magnitude is no more than `most`; raises OverflowError."""
    if magnitude(product) > most:
        raise OverflowError("an amount is more than a law may give; a parameter or a rate is out of range")
    return product


_SIMILAR = (
    ("rate", "rate"),
    ("count", "rate"),
    ("rate", "count"),
    ("money", "money"),
    ("count", "count"),
    ("mass", "mass"),
)


def compile_divide(tree: Any, c: Compiler, depth: int) -> Node:
    """A quotient: of like things an exact fraction, of an amount by a rate an amount. By zero: unknown."""
    left_node, right_node, level = level_pair(c.compile(tree.this, depth), c.compile(tree.expression, depth))
    left, right = left_node.evaluate, right_node.evaluate
    kinds = (left_node.kind, right_node.kind)
    mode, unit = c.rounding
    if kinds == ("money", "money") and left_node.currency != right_node.currency:
        raise c.fault(
            "mixed-currency", f"`{sql_of(tree)}` divides {left_node.currency} by {right_node.currency}."
        )

    def as_fraction(env: Environment) -> Value:
        a, b = left(env), right(env)
        # Nothing is rounded until the fraction meets an amount.
        numerator, divisor, known = _signed(
            checked_product(a.numbers, b.denominator), checked_product(b.numbers, a.denominator)
        )
        return Value(numerator, both_known(known, both_known(a.known, b.known)), divisor)

    def as_amount(env: Environment) -> Value:
        a, b = left(env), right(env)
        multiplier, divisor, known = _signed(
            np.atleast_1d(np.asarray(b.denominator, dtype=np.int64)), b.numbers
        )
        amount, numerator, denominator = np.broadcast_arrays(a.numbers, multiplier, divisor)
        quotient = multiply_divide(amount, numerator, denominator, mode=mode, unit=unit)
        return Value(within_product(quotient), both_known(known, both_known(a.known, b.known)))

    def plain_fraction(a: Plain, b: Plain) -> PlainRate | None:
        (numerator, below), (divisor, above) = as_rate(a), as_rate(b)
        return _plain_signed(checked(numerator * above), checked(divisor * below))

    def plain_amount(a: int, b: PlainRate) -> int | None:
        signed = _plain_signed(b[1], b[0])
        return None if signed is None else within_amount(divide_plain(a, *signed, mode=mode, unit=unit))

    def source(writer: Writer) -> str:
        divide = writer.constant(plain_fraction if kinds in _SIMILAR else plain_amount)
        return writer.known((left_node.source, right_node.source), lambda a, b: f"{divide}({a}, {b})")

    if kinds in _SIMILAR:
        return Node("rate", level, as_fraction, source, most=PRODUCT_MOST)
    if kinds == ("money", "rate"):
        return Node("money", level, as_amount, source, left_node.currency, most=PRODUCT_MOST)
    raise c.fault("wrong-type", f"`{sql_of(tree)}`: {kinds[0]} by {kinds[1]} has no meaning in a law.")


def _plain_signed(numerator: int, divisor: int) -> PlainRate | None:
    """Return numerator and positive divisor; None by zero."""
    if divisor == 0:
        return None
    return (numerator, divisor) if divisor > 0 else (-numerator, -divisor)


def _signed(numerator: Int64s, divisor: Int64s) -> tuple[Int64s, Int64s, Any]:
    """Return numerator and positive divisor of equal shape, and where there is a quotient (None:
    everywhere).
    """
    numerator, divisor = np.broadcast_arrays(numerator, divisor)
    if divisor.size and int(divisor.min()) > 0:
        return numerator, divisor, None
    is_zero = divisor == 0
    numerator = np.where(divisor < 0, -numerator, numerator)
    return numerator, np.where(is_zero, 1, np.abs(divisor)), ~is_zero if is_zero.any() else None


def extreme(choose: Operate, name: str) -> CompileNode:
    """Return what compiles the smallest or largest of several. choose: of columns; name: of numbers."""

    def compile_extreme(tree: Any, c: Compiler, depth: int) -> Node:
        result = c.compile(tree.this, depth)
        for part in tree.expressions:
            operands = result, c.compile(part, depth)
            result = _extreme_of(operands, choose, name, c, tree)
        return result

    return compile_extreme


def _extreme_of(operands: tuple[Node, Node], choose: Operate, name: str, c: Compiler, tree: Any) -> Node:
    a_node, b_node = operands
    if {a_node.kind, b_node.kind} & {"code", "flag"}:
        raise c.fault("wrong-type", f"`{sql_of(tree)}` compares what has no order here.")
    kind = as_common_kind(a_node, b_node, c, tree)[0].kind
    currency = a_node.currency or b_node.currency
    a_node, b_node, level = align(a_node, b_node, c, tree)
    left, right = a_node.evaluate, b_node.evaluate

    def evaluate(env: Environment) -> Value:
        a, b = left(env), right(env)
        if kind == "rate":
            denominator = checked_product(a.denominator, b.denominator)
            chosen = choose(
                checked_product(a.numbers, b.denominator), checked_product(b.numbers, a.denominator)
            )
            return Value(chosen, both_known(a.known, b.known), denominator)
        return Value(choose(a.numbers, b.numbers), both_known(a.known, b.known))

    def source(writer: Writer) -> str:
        def chosen(a: str, b: str) -> str:
            if kind != "rate":
                return f"{name}({a}, {b})"
            check = writer.constant(checked)
            numerator = f"{name}({check}({a}[0] * {b}[1]), {check}({b}[0] * {a}[1]))"
            return f"({numerator}, {check}({a}[1] * {b}[1]))"

        return writer.known((a_node.source, b_node.source), chosen)

    return Node(kind, level, evaluate, source, currency, most=max(a_node.most, b_node.most))
