"""The functions of the vocabulary: sums over a consignment's items, list tests, tariff duty, currencies,
shares.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from sqlglot import exp

from serai.law.exact import SAFE, fill_whole_units, multiply_divide, over_one_denominator
from serai.law.node import (
    ITEMS_MAX,
    PRODUCT_MOST,
    CompileNode,
    Compiler,
    Environment,
    Node,
    align,
    at_level,
    join_levels,
    sql_of,
)
from serai.law.plain import PlainRate, Writer, checked, divide_plain
from serai.law.values import Value, both_known
from serai.law.vocabulary import FUNCTIONS, Kind, Level
from serai.model.columns import Flags

# ---- from items to the consignment ----


def aggregate(reduce: Any, name: str, kinds: tuple[Kind, ...]) -> CompileNode:
    """Return what compiles a function over the items of each consignment; unknown where one item is.

    reduce: of columns; name: the same of numbers.
    """

    def compile_aggregate(tree: Any, c: Compiler, depth: int) -> Node:
        if isinstance(tree, exp.Max | exp.Min) and tree.expressions:
            raise c.fault(
                "wrong-type", f"`{sql_of(tree)}` takes one expression; LEAST and GREATEST compare several."
            )
        inner = c.compile(tree.this, depth)
        if inner.level != "item" or inner.kind not in kinds:
            raise c.fault("wrong-level", f"`{sql_of(tree)}` needs {' or '.join(kinds)} of a goods item.")
        most = inner.most
        if isinstance(tree, exp.Sum):
            most = c.within_sum(tree, inner.most * ITEMS_MAX)

        def evaluate(env: Environment) -> Value:
            value = inner.evaluate(env)
            data = _of_each_item(value.data, env)
            known = _all_known(value.known, env)
            if inner.kind == "rate":
                # Fractions have an order only over one denominator.
                data, denominator = over_one_denominator(data, value.denominator)
                return Value(reduce.reduceat(data, env.first_items), known, denominator)
            return Value(reduce.reduceat(data, env.first_items), known)

        def source(writer: Writer) -> str:
            values = writer.name()
            reduced = f"{name}({values})"
            if inner.kind == "rate":
                over, whole = writer.constant(_over_one_denominator), writer.name()
                reduced = f"({name}(({whole} := {over}({values}))[0]), {whole}[1])"
            return f"(None if None in ({values} := {writer.each(inner.source)}) else {reduced})"

        return Node(inner.kind, "consignment", evaluate, source, inner.currency, most=most)

    return compile_aggregate


def flag_aggregate(*, is_any: bool) -> CompileNode:
    """Return what compiles BOOL_OR or BOOL_AND: a known true decides the one, a known false the other."""

    def compile_flag_aggregate(tree: Any, c: Compiler, depth: int) -> Node:
        inner = c.expect(tree.this, depth, "flag")
        if inner.level != "item":
            raise c.fault("wrong-level", f"`{sql_of(tree)}` needs a flag of a goods item.")

        def evaluate(env: Environment) -> Value:
            value = inner.evaluate(env)
            data = _of_each_item(value.flags, env)
            if value.known is None:
                reduce = np.logical_or if is_any else np.logical_and
                return Value(reduce.reduceat(data, env.first_items))
            known = _of_each_item(value.known, env)
            decides = np.logical_or.reduceat(known & (data == is_any), env.first_items)
            all_known = np.logical_and.reduceat(known, env.first_items)
            return Value(decides if is_any else ~decides, decides | all_known)

        def source(writer: Writer) -> str:
            values, decides = writer.name(), is_any
            return (
                f"({decides} if {decides} in ({values} := {writer.each(inner.source)})"
                f" else None if None in {values} else {not decides})"
            )

        return Node("flag", "consignment", evaluate, source, most=1)

    return compile_flag_aggregate


def _over_one_denominator(rates: list[PlainRate]) -> tuple[list[int], int]:
    """Bring fractions to one denominator, as `over_one_denominator` does a column."""
    whole = math.lcm(*(denominator for _, denominator in rates))
    if whole >= SAFE:
        raise OverflowError("rates with such denominators cannot be compared in 64 bits")
    return [checked(above * (whole // below)) for above, below in rates], whole


def _all_known(known: Flags | None, env: Environment) -> Flags | None:
    if known is None:
        return None
    return np.logical_and.reduceat(_of_each_item(known, env), env.first_items)


def _of_each_item(data: Any, env: Environment) -> Any:
    """Return a column of items; one row stands for all of them."""
    return data if len(data) == len(env.owner) else data.repeat(len(env.owner))


# ---- by name ----


def compile_named(tree: Any, c: Compiler, depth: int) -> Node:
    """A function of the vocabulary that SQL does not have."""
    compile_function = _FUNCTIONS.get(tree.name.upper())
    if compile_function is None:
        raise c.fault(
            "forbidden-function",
            f"`{tree.name}` is not a function of the vocabulary; there are {', '.join(sorted(FUNCTIONS))}.",
        )
    return compile_function(tree, c, depth)


def _arguments(tree: Any, c: Compiler, depth: int, *kinds: Kind) -> list[Node]:
    if len(tree.expressions) != len(kinds):
        raise c.fault("wrong-type", f"`{sql_of(tree)}` takes {len(kinds)} arguments.")
    return [c.expect(part, depth, kind) for part, kind in zip(tree.expressions, kinds, strict=True)]


Answer = bool | None
"""Yes, no, or None: the code is too short to say."""


_ANSWERS_KEPT = 100_000


class _AnswersAbout(dict[str, Answer]):
    """Answers about one list by word; a word is tested when it is first asked for.

    Threads share it: an answer is read in one step, so that none goes while it is read.
    """

    def __init__(self, is_match: Callable[[str, tuple[str, ...]], Answer], codes: tuple[str, ...]) -> None:
        super().__init__()
        self._is_match = is_match
        self._codes = codes

    def __missing__(self, word: str) -> Answer:
        answer = self._is_match(word, self._codes)
        if len(self) > _ANSWERS_KEPT:
            # So that strangers' codes cannot fill memory.
            self.clear()
        self[word] = answer
        return answer


class _Answers:
    """Answers to the words that were asked before: the same codes come with every batch."""

    def __init__(self, is_match: Callable[[str, tuple[str, ...]], Answer]) -> None:
        self._is_match = is_match
        self._known: dict[tuple[str, ...], _AnswersAbout] = {}

    def of(self, words: Sequence[str], codes: tuple[str, ...]) -> list[Answer]:
        """Return the answer for each word about one list."""
        known = self.about(codes)
        return [known[word] for word in words]

    def about(self, codes: tuple[str, ...]) -> _AnswersAbout:
        """Return the answers about one list, by word: the same mapping for ever, whatever it knows."""
        known = self._known.get(codes)
        if known is None:
            # Two that begin at once share whichever was first.
            known = self._known.setdefault(codes, _AnswersAbout(self._is_match, codes))
        return known

    def of_one(self, word: str, codes: tuple[str, ...]) -> Answer:
        """Return the answer for one word about one list."""
        return self.about(codes)[word]


def _list_test(is_match: Callable[[str, tuple[str, ...]], Answer]) -> CompileNode:
    def compile_list_test(tree: Any, c: Compiler, depth: int) -> Node:
        node, texts = _arguments(tree, c, depth, "code", "code")
        if texts.literal != "list" or node.literal is not None:
            raise c.fault("wrong-type", f"`{sql_of(tree)}` takes a code and a list parameter.")
        level: Level | None = "item" if node.level == "item" else "consignment"
        answered = _Answers(is_match)

        def evaluate(env: Environment) -> Value:
            value, listed = node.evaluate(env), texts.evaluate(env)
            answers = [answered.of(value.words, one) for one in listed.lists]
            if len(answers) == 1 and listed.known is None and None not in answers[0]:
                only = np.array([*answers[0], False], dtype=np.bool_)
                return Value(only[value.data], value.known)
            yes = np.array([[*(a is True for a in row), False] for row in answers], dtype=np.bool_)
            sure = np.array([[*(a is not None for a in row), True] for row in answers], dtype=np.bool_)
            which, list_known = listed.numbers, listed.known
            if len(which) > 1 and node.level == "item":
                which = which[env.owner]
                list_known = None if list_known is None else list_known[env.owner]
            known = both_known(value.known, list_known)
            if not sure.all():
                known = both_known(known, sure[which, value.data])
            return Value(yes[which, value.data], known)

        def source(writer: Writer) -> str:
            answer = writer.constant(answered.of_one)

            def ask(word: str, codes: str) -> str:
                if codes not in writer.constants:
                    return f"{answer}({word}, {codes})"
                return f"{writer.constant(answered.about(writer.constants[codes]))}[{word}]"

            return writer.known((node.source, texts.source), ask)

        return Node("flag", level, evaluate, source, most=1)

    return compile_list_test


def _starts_with_any(word: str, prefixes: tuple[str, ...]) -> Answer:
    """A code that ends above a longer prefix may or may not be meant."""
    if word.startswith(prefixes):
        return True
    return None if any(prefix.startswith(word) for prefix in prefixes) else False


def _has_any_code(word: str, codes: tuple[str, ...]) -> Answer:
    """Several codes stand in one text with blanks between, as `document_type_codes` has them."""
    return any(part in codes for part in word.split())


def _fill_whole_units(tree: Any, c: Compiler, depth: int) -> Node:
    unit_value, quantity, limit = _arguments(tree, c, depth, "money", "count", "money")
    if unit_value.level != "item" or quantity.level != "item" or limit.level == "item":
        raise c.fault(
            "wrong-level",
            f"`{sql_of(tree)}` takes a value and a count of an item and a limit of the consignment.",
        )

    def evaluate(env: Environment) -> Value:
        values, counts, limits = unit_value.evaluate(env), quantity.evaluate(env), limit.evaluate(env)
        room = np.broadcast_to(limits.numbers, env.first_items.shape)
        fitted = fill_whole_units(values.numbers, counts.numbers, room, env.owner, env.first_items)
        # What fits hangs on every thing before it: with one unknown price the whole consignment is open.
        own = both_known(values.known, counts.known)
        known = both_known(_all_known(own, env), limits.known)
        if known is not None:
            known = np.broadcast_to(known, env.first_items.shape)[env.owner]
        return Value(fitted, known)

    def source(writer: Writer) -> str:
        fill = writer.constant(_fill_plain)
        prices, counts = writer.each(unit_value.source), writer.each(quantity.source)
        return f"{fill}({prices}, {counts}, {limit.source(writer)})[i]"

    return Node("count", "item", evaluate, source, most=quantity.most)


def _fill_plain(prices: list[int | None], counts: list[int | None], room: int | None) -> list[int | None]:
    """Count for each item how many whole units fit, as `fill_whole_units` does for columns."""
    if room is None or None in prices or None in counts:
        return [None] * len(prices)
    fitted: list[int | None] = []
    for price, count in zip(prices, counts, strict=True):
        assert price is not None
        assert count is not None
        fits = min(max(room // max(price, 1), 0), count)
        fitted.append(fits)
        room -= fits * price
    return fitted


def _tariff_duty(tree: Any, c: Compiler, depth: int) -> Node:
    word = tree.expressions[1].name if len(tree.expressions) == 2 else "duty_rate"
    symbol = c.symbols.get(word)
    measure = "duty" if word == "duty_rate" else symbol.measure if symbol is not None else None
    if len(tree.expressions) not in (1, 2) or measure is None:
        raise c.fault(
            "wrong-type", f"`{sql_of(tree)}` takes a value and, for a measure other than duty, its word."
        )
    amount = c.expect(tree.expressions[0], depth, "money")
    if amount.level != "item":
        raise c.fault("wrong-level", f"`{sql_of(tree)}` takes a value of an item.")
    c.names.append(word)
    return Node(
        "money",
        "item",
        lambda env: env.tariff_duty(amount.evaluate(env), measure),
        lambda writer: f"row.tariff_duty({amount.source(writer)}, {measure!r}, i)",
        amount.currency,
        most=PRODUCT_MOST,
    )


def _in_currency(tree: Any, c: Compiler, depth: int) -> Node:
    if len(tree.expressions) != 2 or not tree.expressions[1].is_string:
        raise c.fault("wrong-type", f"`{sql_of(tree)}` takes an amount and a currency in quotes.")
    amount = c.expect(tree.expressions[0], depth, "money")
    source, target = amount.currency, tree.expressions[1].this
    if source is None:
        raise c.fault("wrong-type", f"`{sql_of(tree)}` needs an amount with a currency.")
    # The rate is that of a day, so that even a fixed amount differs from consignment to consignment.
    level: Level = "item" if amount.level == "item" else "consignment"

    def evaluate(env: Environment) -> Value:
        return env.in_currency(amount.evaluate(env), source, target)

    def write(writer: Writer) -> str:
        return f"row.in_currency({amount.source(writer)}, {source!r}, {target!r})"

    return Node("money", level, evaluate, write, target, most=PRODUCT_MOST)


def _floor_to(tree: Any, c: Compiler, depth: int) -> Node:
    amount_node, unit_node = _arguments(tree, c, depth, "money", "money")
    left_node, right_node, level = align(amount_node, unit_node, c, tree)
    left, right = left_node.evaluate, right_node.evaluate

    def evaluate(env: Environment) -> Value:
        amount, unit = left(env), right(env)
        cut = amount.numbers // np.maximum(unit.numbers, 1) * unit.numbers
        return Value(cut, both_known(amount.known, unit.known))

    def source(writer: Writer) -> str:
        return writer.known(
            (left_node.source, right_node.source),
            lambda amount, unit: f"({amount} // max({unit}, 1) * {unit})",
        )

    most = amount_node.most + unit_node.most
    return Node("money", level, evaluate, source, amount_node.currency, most=most)


def _rounded(tree: Any, c: Compiler, depth: int) -> Node:
    (amount,) = _arguments(tree, c, depth, "money")
    mode, unit = c.rounding

    def evaluate(env: Environment) -> Value:
        value = amount.evaluate(env)
        return Value(multiply_divide(value.numbers, 1, 1, mode=mode, unit=unit), value.known)

    def source(writer: Writer) -> str:
        divide = writer.constant(partial(divide_plain, mode=mode, unit=unit))
        return writer.known((amount.source,), lambda value: f"{divide}({value}, 1, 1)")

    most = c.within_sum(tree, amount.most + unit)
    return Node("money", amount.level, evaluate, source, amount.currency, most=most)


def _share_out(tree: Any, c: Compiler, depth: int) -> Node:
    total, weight = _arguments(tree, c, depth, "money", "money")
    if total.level == "item" or weight.level != "item":
        raise c.fault(
            "wrong-level", f"`{sql_of(tree)}` shares an amount of the consignment by a value of its items."
        )

    def evaluate(env: Environment) -> Value:
        return env.share_out(total.evaluate(env), weight.evaluate(env))

    def source(writer: Writer) -> str:
        return f"row.share_out({total.source(writer)}, {writer.each(weight.source)})[i]"

    return Node("money", "item", evaluate, source, total.currency, most=total.most)


def _unless_awaited(tree: Any, c: Compiler, depth: int) -> Node:
    """UNLESS_AWAITED(condition, awaited): the condition; unknown where what is awaited is not there."""
    condition, awaited = _arguments(tree, c, depth, "flag", "flag")
    level = join_levels(condition.level, awaited.level)
    condition_of, awaited_of = (at_level(node, level).evaluate for node in (condition, awaited))

    def evaluate(env: Environment) -> Value:
        value, missing = condition_of(env), awaited_of(env)
        if missing.known is None and not missing.flags.any():
            return value
        known = value.known_flags() & missing.known_flags() & ~missing.flags
        return Value(np.broadcast_to(value.flags, known.shape), known)

    def source(writer: Writer) -> str:
        return writer.known(
            (awaited.source,), lambda test: f"(None if {test} else {condition.source(writer)})"
        )

    return Node("flag", level, evaluate, source, most=1)


_FUNCTIONS: dict[str, CompileNode] = {
    "STARTS_WITH_ANY": _list_test(_starts_with_any),
    "IN_LIST": _list_test(lambda word, codes: word in codes),
    "HAS_ANY_CODE": _list_test(_has_any_code),
    "FILL_WHOLE_UNITS": _fill_whole_units,
    "TARIFF_DUTY": _tariff_duty,
    "IN_CURRENCY": _in_currency,
    "FLOOR_TO": _floor_to,
    "ROUNDED": _rounded,
    "SHARE_OUT": _share_out,
    "UNLESS_AWAITED": _unless_awaited,
}
