"""Mutants of a pack: the pack with one thing changed a little.

Worked examples that pin a law notice every one of them (mutation testing: DeMillo, Lipton, Sayward, "Hints on
Test Data Selection", 1978).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec
from msgspec.structs import replace

from serai.laboratory.law_bench.expression_mutants import changed_comparisons, dropped_limbs
from serai.law.book import BASE_LAYER, are_rivals
from serai.law.pack import Charge, Choice, DatedValue, Exclusion, Pack, Parameter

Kind = Literal["value", "comparison", "limb", "day", "suspension", "debtor", "relief", "form", "exclusion"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_RATE_STEP_PPM = 5_000
"""Half a percentage point: less could drown in rounding to a minor unit."""
_SIDES = (1, -1)
"""An amount, count, mass or day is a limit as a rule, and a limit has two sides."""
_EXPRESSION_KEYS = frozenset({"when", "base", "rate", "amount", "is_waived_when", "is_there", "draws"})
_BENEFICIARIES_OF_VALUE = frozenset({"definitions", "aggregation"})
"""Parts of a pack whose `value` is an expression; elsewhere it is a value."""

Path = tuple[str | int, ...]
Value = int | str | bool | list[str]


class Mutant(NamedTuple):
    """A change of the law. place: where it differs; change: how, in words. packs: the pack changed, and a
    neighbour in time whose day is the same one. day: the only one on which what is law differs, where there
    is one.
    """

    place: str
    change: str
    packs: tuple[Pack, ...]
    kind: Kind
    day: dt.date | None = None


def mutants_of(pack: Pack, others: Iterable[Pack] = ()) -> Iterator[Mutant]:
    """Yield the mutants of a pack, in the order of the pack.

    others: packs beside it, which end where it begins: both days are one, and moved together.
    """
    yield from _with_other_days(pack, [*others])
    for place, change, mutant, kind in _with_another_text(pack):
        yield Mutant(place, change, (mutant,), kind)


Changed = tuple[str, str, Pack, Kind]
"""Place, change, changed pack, kind."""


def _with_another_text(pack: Pack) -> Iterator[Changed]:
    yield from _with_other_values(pack)
    whole = msgspec.to_builtins(pack)
    ways: tuple[tuple[Kind, Callable[[str], Iterator[tuple[str, str]]]], ...] = (
        ("comparison", changed_comparisons),
        ("limb", dropped_limbs),
    )
    for path, text in expressions_in(whole, ()):
        for kind, changes_of in ways:
            for change, changed_text in changes_of(text):
                mutant = msgspec.convert(_put(whole, path, changed_text), Pack)
                yield _place(whole, path), change, mutant, kind
    for path, exceptions in _exceptions_in(whole, ()):
        for number, one in enumerate(exceptions):
            rest = [*exceptions[:number], *exceptions[number + 1 :]]
            mutant = msgspec.convert(_put(whole, path, rest), Pack)
            yield _place(whole, path), f"without unless {one['when']}", mutant, "limb"
    yield from _with_other_debtors(pack)
    yield from _with_another_relief(pack)
    yield from _with_another_form(pack)
    yield from _without_exclusions(pack)


# ---- days ----

_DAY: Final = dt.timedelta(days=1)


def _with_other_days(pack: Pack, others: Sequence[Pack]) -> Iterator[Mutant]:
    """Yield the pack with its first or last day, a day of a suspension or of a value moved by one.

    Where one version follows another, one day is the end of the first and the begin of the second, and both
    are moved. What was law before the first version of a base that is here, and after the last, no pack
    says: those days are left out.
    """
    neighbours = [one for one in others if _is_neighbour(one, pack)]
    before = [one for one in neighbours if one.valid_to == pack.valid_from]
    is_followed = any(one.valid_from == pack.valid_to for one in neighbours)
    for change, day, begin in _moved_begin(pack.valid_from):
        packs = (replace(pack, valid_from=begin), *(replace(one, valid_to=begin) for one in before))
        if before or pack.layer != BASE_LAYER or day == pack.valid_from:
            yield Mutant("valid_from", change, packs, "day", day)
    for change, day, end in () if is_followed else _moved_end(pack.valid_to):
        if pack.layer != BASE_LAYER or day != pack.valid_to:
            yield Mutant("valid_to", change, (replace(pack, valid_to=end),), "day", day)
    for number, one in enumerate(pack.suspended):
        rest = [*pack.suspended[:number], *pack.suspended[number + 1 :]]
        place = f"suspended {one.valid_from}"
        yield Mutant(place, "dropped", (replace(pack, suspended=rest),), "suspension")
        for change, day, begin in _moved_begin(one.valid_from):
            moved = replace(pack, suspended=[*rest, replace(one, valid_from=begin)])
            yield Mutant(place, f"valid_from {change}", (moved,), "suspension", day)
        for change, day, end in _moved_end(one.valid_to):
            moved = replace(pack, suspended=[*rest, replace(one, valid_to=end)])
            yield Mutant(place, f"valid_to {change}", (moved,), "suspension", day)
    for number, parameter in enumerate(pack.parameters):
        for change, day, values in _moved_values(parameter, pack):
            mutant = _put_parameter(pack, number, replace(parameter, values=values))
            yield Mutant(f"parameter {parameter.name}", change, (mutant,), "day", day)


def _is_neighbour(one: Pack, pack: Pack) -> bool:
    is_in_slot = (one.jurisdiction, one.layer) == (pack.jurisdiction, pack.layer)
    return is_in_slot and one.code != pack.code and are_rivals(one, pack)


def _moved_begin(day: dt.date) -> Iterator[tuple[str, dt.date, dt.date]]:
    """Yield words, the only day that is another then, and the day moved."""
    yield "+1 day", day, day + _DAY
    yield "-1 day", day - _DAY, day - _DAY


def _moved_end(day: dt.date | None) -> Iterator[tuple[str, dt.date, dt.date]]:
    return iter(()) if day is None else _moved_begin(day)


def _moved_values(parameter: Parameter, pack: Pack) -> Iterator[tuple[str, dt.date, list[DatedValue]]]:
    """Yield the values with the day moved on which one follows another, or begins or ends alone.

    A value that begins or ends with the pack, or outside it, has no day of its own.
    """
    values = parameter.values
    for number, one in enumerate(values):
        same = [(place, other) for place, other in enumerate(values) if other.key == one.key]
        before = [place for place, other in same if other.valid_to == one.valid_from]
        is_followed = any(other.valid_from == one.valid_to for _, other in same)
        if _is_within(one.valid_from, pack):
            for change, day, begin in _moved_begin(one.valid_from):
                moved = [*values]
                moved[number] = replace(one, valid_from=begin)
                for place in before:
                    moved[place] = replace(values[place], valid_to=begin)
                yield f"{_which(one, parameter)}valid_from {change}", day, moved
        if not is_followed and one.valid_to is not None and _is_within(one.valid_to, pack):
            for change, day, end in _moved_end(one.valid_to):
                moved = [*values[:number], replace(one, valid_to=end), *values[number + 1 :]]
                yield f"{_which(one, parameter)}valid_to {change}", day, moved


def _is_within(day: dt.date, pack: Pack) -> bool:
    return pack.valid_from < day and (pack.valid_to is None or day < pack.valid_to)


# ---- values ----


def _with_other_values(pack: Pack) -> Iterator[Changed]:
    for number, parameter in enumerate(pack.parameters):
        for change, values in _changed_values(parameter, pack):
            mutant = _put_parameter(pack, number, replace(parameter, values=values))
            yield f"parameter {parameter.name}", change, mutant, "value"


def _put_parameter(pack: Pack, number: int, changed: Parameter) -> Pack:
    return replace(pack, parameters=[*pack.parameters[:number], changed, *pack.parameters[number + 1 :]])


def _changed_values(parameter: Parameter, pack: Pack) -> Iterator[tuple[str, list[DatedValue]]]:
    """Yield the values of a parameter with one of them changed a little, and what was done."""
    values = parameter.values
    for number, one in enumerate(values):
        for change, value in _changes_of(one.value, parameter, pack):
            changed = replace(one, value=value)
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


# ---- who owes, relief, form, exclusions ----


def _with_other_debtors(pack: Pack) -> Iterator[Changed]:
    """Yield the pack with one debtor of a charge become the next one of the pack's."""
    codes = [*dict.fromkeys(row.code for charge in pack.charges for row in charge.debtor)]
    others = codes if len(codes) > 1 else [*codes, "consignee", "declarant"]
    for number, charge in enumerate(pack.charges):
        for place, row in enumerate(charge.debtor):
            instead = _next_other(others, row.code)
            debtor = [*charge.debtor[:place], replace(row, code=instead), *charge.debtor[place + 1 :]]
            changed: Charge = replace(charge, debtor=debtor)
            charges = [*pack.charges[:number], changed, *pack.charges[number + 1 :]]
            words = f"row {place + 1}: {row.code} -> {instead}"
            yield f"debtor of {charge.rule_id}", words, replace(pack, charges=charges), "debtor"


def _next_other(codes: Sequence[str], code: str) -> str:
    place = codes.index(code)
    return next(one for one in [*codes[place + 1 :], *codes] if one != code)


def _with_another_relief(pack: Pack) -> Iterator[Changed]:
    """Yield the pack without one row of its reliefs, and with two rows that follow each other exchanged.

    The row `none` at the end says what holds without it; it is kept.
    """
    rows = pack.relief[:-1] if pack.relief and pack.relief[-1].code == "none" else pack.relief
    for place, row in enumerate(rows):
        rest = [*pack.relief[:place], *pack.relief[place + 1 :]]
        yield "relief", f"without {_row(row, place)}", replace(pack, relief=rest), "relief"
    for place in range(len(rows) - 1):
        first, second = pack.relief[place : place + 2]
        swapped = [*pack.relief[:place], second, first, *pack.relief[place + 2 :]]
        words = f"{_row(second, place + 1)} before {_row(first, place)}"
        yield "relief", words, replace(pack, relief=swapped), "relief"


def _row(row: Choice, place: int) -> str:
    return f"row {place + 1} ({row.code})"


def _with_another_form(pack: Pack) -> Iterator[Changed]:
    """Yield the pack with one form of declaration become the next one, and without one row."""
    rows = pack.declaration_form
    codes = [*dict.fromkeys(row.code for row in rows)]
    others = codes if len(codes) > 1 else [*codes, "ANOTHER_FORM"]
    for place, row in enumerate(rows):
        instead = _next_other(others, row.code)
        forms = [*rows[:place], replace(row, code=instead), *rows[place + 1 :]]
        words = f"row {place + 1}: {row.code} -> {instead}"
        yield "declaration_form", words, replace(pack, declaration_form=forms), "form"
        rest = [*rows[:place], *rows[place + 1 :]]
        words = f"without {_row(row, place)}"
        yield "declaration_form", words, replace(pack, declaration_form=rest), "form"


def _without_exclusions(pack: Pack) -> Iterator[Changed]:
    """Yield the pack without one exclusion, without one of its prefixes, and opened by no document."""
    for number, one in enumerate(pack.exclusions):
        rest = [*pack.exclusions[:number], *pack.exclusions[number + 1 :]]
        place = f"exclusion {one.rule_id}"
        yield place, "dropped", replace(pack, exclusions=rest), "exclusion"
        for change, changed in _narrower(one):
            exclusions = [*pack.exclusions[:number], changed, *pack.exclusions[number + 1 :]]
            yield place, change, replace(pack, exclusions=exclusions), "exclusion"


def _narrower(one: Exclusion) -> Iterator[tuple[str, Exclusion]]:
    if len(one.prefixes) > 1:
        for place, prefix in enumerate(one.prefixes):
            yield (
                f"without {prefix}",
                replace(one, prefixes=[*one.prefixes[:place], *one.prefixes[place + 1 :]]),
            )
    for place, code in enumerate(one.opened_by_document_codes):
        rest = [*one.opened_by_document_codes[:place], *one.opened_by_document_codes[place + 1 :]]
        yield f"not opened by {code}", replace(one, opened_by_document_codes=rest)
        together = code.split(" + ")
        for other in together if len(together) > 1 else ():
            fewer = " + ".join(each for each in together if each != other)
            yield f"opened without {other}", replace(one, opened_by_document_codes=[fewer, *rest])


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


def _exceptions_in(node: Any, path: Path) -> Iterator[tuple[Path, list[Any]]]:
    """Yield the exceptions that stand beside a rule as `unless`, with the way to each list of them."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "unless" and value:
                yield (*path, key), value
            yield from _exceptions_in(value, (*path, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _exceptions_in(value, (*path, place))


def _put(node: Any, path: Path, given: Any) -> Any:
    """Return the same with something else at the end of the path; what lies beside is shared."""
    if not path:
        return given
    key, rest = path[0], path[1:]
    if isinstance(node, dict):
        return {**node, key: _put(node[key], rest, given)}
    return [_put(one, rest, given) if place == key else one for place, one in enumerate(node)]


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
