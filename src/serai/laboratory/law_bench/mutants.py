"""Mutants of a pack: the pack with one parameter or one comparison changed a little.

Worked examples that pin a law notice every one of them (mutation testing: DeMillo, Lipton, Sayward, "Hints on
Test Data Selection", 1978).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlglot
from sqlglot import exp

from serai.law.pack import DatedValue, Pack, Parameter

_RATE_STEP_PPM = 5_000
"""Half a percentage point: less could drown in rounding to a minor unit."""
_SIDES = (1, -1)
"""An amount, count, mass or day is a limit as a rule, and a limit has two sides."""
_TURNED: dict[type[Any], type[Any]] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}
_EXPRESSION_KEYS = frozenset({"when", "base", "rate", "amount", "is_waived_when", "is_there", "draws"})
_BENEFICIARIES_OF_VALUE = frozenset({"definitions", "aggregation"})
"""Parts of a pack whose `value` is an expression; elsewhere it is a value."""

Path = tuple[str | int, ...]
Value = int | str | bool | list[str]


class Mutant(NamedTuple):
    """One changed pack. place: where it differs; change: how, in words."""

    place: str
    change: str
    pack: Pack


def mutants_of(pack: Pack) -> Iterator[Mutant]:
    """Yield the mutants of a pack, in the order of the pack."""
    for number, parameter in enumerate(pack.parameters):
        for change, values in _changed_values(parameter, pack):
            changed = msgspec.structs.replace(parameter, values=values)
            parameters = [*pack.parameters[:number], changed, *pack.parameters[number + 1 :]]
            mutant = msgspec.structs.replace(pack, parameters=parameters)
            yield Mutant(f"parameter {parameter.name}", change, mutant)
    whole = msgspec.to_builtins(pack)
    for path, text in expressions_in(whole, ()):
        for change, changed_text in changed_comparisons(text):
            mutant = msgspec.convert(_put(whole, path, changed_text), Pack)
            yield Mutant(_place(whole, path), change, mutant)


# ---- parameters ----


def _changed_values(parameter: Parameter, pack: Pack) -> Iterator[tuple[str, list[DatedValue]]]:
    """Yield the values of a parameter with one of them changed a little, and what was done."""
    values = parameter.values
    for number, one in enumerate(values):
        for change, value in _changes_of(one.value, parameter, pack):
            changed = msgspec.structs.replace(one, value=value)
            yield _which(one, parameter) + change, [*values[:number], changed, *values[number + 1 :]]


def _which(one: DatedValue, parameter: Parameter) -> str:
    """Say which of several values is meant: by its key, and by its first day where that is needed."""
    same_key = [other for other in parameter.values if other.key == one.key]
    said = [one.key] if one.key is not None else []
    said += [f"from {one.valid_from}"] if len(same_key) > 1 else []
    return f"{' '.join(said)}: " if said else ""


def _changes_of(value: Value | None, parameter: Parameter, pack: Pack) -> Iterator[tuple[str, Value]]:
    if isinstance(value, bool):
        yield "the other way round", not value
    elif isinstance(value, int):
        for step in _steps_of(parameter, pack):
            yield f"{step:+d}", value + step
    elif isinstance(value, list):
        for place, text in enumerate(value):
            yield f"without {text}", [*value[:place], *value[place + 1 :]]
    elif isinstance(value, str):
        for days in _SIDES:
            yield f"{days:+d} day", str(dt.date.fromisoformat(value) + dt.timedelta(days=days))


def _steps_of(parameter: Parameter, pack: Pack) -> Sequence[int]:
    """Return by how much a number is moved.

    A law that converts every amount to whole dollars (a cent being its minor unit) has no amount between
    two of them: moved by less, a limit in its currency would be the same limit.
    """
    if parameter.kind == "rate":
        return (_RATE_STEP_PPM,)
    in_own_currency = parameter.kind == "money" and parameter.currency in (None, pack.currency)
    unit = pack.conversions[0].rounding.unit_minor if in_own_currency and pack.conversions else 1
    return [side * unit for side in _SIDES]


# ---- comparisons ----


def changed_comparisons(text: str) -> Iterator[tuple[str, str]]:
    """Yield the expression with one comparison turned or one text of an IN left out, and what was done."""
    count = len(_comparisons(sqlglot.parse_one(text, dialect="postgres")))
    for number in range(count):
        tree = sqlglot.parse_one(text, dialect="postgres")
        found = _comparisons(tree)[number]
        before = found.sql(dialect="postgres")
        for after in _turn(found):
            whole = after if found is tree else _replaced(tree, found, after)
            yield f"{before} -> {after.sql(dialect='postgres')}", whole.sql(dialect="postgres")
            tree = sqlglot.parse_one(text, dialect="postgres")
            found = _comparisons(tree)[number]


def _comparisons(tree: Any) -> list[Any]:
    return [node for node in tree.dfs() if type(node) in _TURNED or isinstance(node, exp.In | exp.Between)]


def _turn(node: Any) -> list[Any]:
    if isinstance(node, exp.In):
        texts = node.expressions
        if len(texts) == 1:
            return [exp.Not(this=node.copy())]
        rests = [[*texts[:place], *texts[place + 1 :]] for place in range(len(texts))]
        return [exp.In(this=node.this.copy(), expressions=rest) for rest in rests]
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


def _replaced(tree: Any, found: Any, after: Any) -> Any:
    found.replace(after.copy())
    return tree


# ---- where expressions stand ----


def expressions_in(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the expressions of a pack told in plain dictionaries and lists, with the way to each."""
    if isinstance(node, dict):
        for key, value in node.items():
            is_value = key == "value" and bool(path) and path[0] in _BENEFICIARIES_OF_VALUE
            if isinstance(value, str):
                if key in _EXPRESSION_KEYS or is_value:
                    yield (*path, key), value
            else:
                yield from expressions_in(value, (*path, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from expressions_in(value, (*path, place))


def _put(node: Any, path: Path, text: str) -> Any:
    """Return the same with another text at the end of the path; what lies beside is shared."""
    if not path:
        return text
    key, rest = path[0], path[1:]
    if isinstance(node, dict):
        return {**node, key: _put(node[key], rest, text)}
    return [_put(one, rest, text) if place == key else one for place, one in enumerate(node)]


def _place(whole: Any, path: Path) -> str:
    """Say where in a pack an expression stands: the part, its name, the key."""
    node, words = whole, []
    for key in path:
        node = node[key]
        if isinstance(key, str):
            words.append(key)
        elif isinstance(node, dict):
            words.append(str(node.get("rule_id") or node.get("name") or node.get("code") or key))
    return " ".join(words)
