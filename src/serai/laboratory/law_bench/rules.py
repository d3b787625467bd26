"""The rules of a pack that a worked example can reach, and those that one assessment did reach.

A parameter's value is reached when a calculation read it; a charge when it fell on something; a row of a
table when it gave the answer; a reason, requirement or exclusion when it spoke; a measure of the tariff when
a look-up found a line of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from serai.law.charges import choose
from serai.law.composition import ROUNDING
from serai.law.library import PackFiles
from serai.law.load import decode_table
from serai.law.pack import Choice, DatedValue, Pack, Parameter
from serai.law.pack_shape import Path
from serai.law.program import CompiledChoice
from serai.law.run import ChargeRows, LawRun
from serai.law.tariff import TariffLine, day_number
from serai.law.tariff_measures import asked_measure

TARIFF = "tariff.csv"
_REASON_FIELDS = {"reasons": "reason", "requirements": "requirement", "exclusions": "exclusion"}
_CHOICES = {"relief": "relief", "declaration_form": "form"}
_LINES = "__lines_"
"""Before the measure in the names under which a run keeps the lines it found (`law/tariff_duty.py`)."""

Reached = tuple[str, Path]
"""Code of the pack, and the way to the rule."""


class Rule(NamedTuple):
    """A rule of a pack. path: the way to it in the file."""

    path: Path
    kind: str
    name: str


# ---- what there is ----


def rules_of(pack: Pack, files: PackFiles) -> Iterator[Rule]:
    """Yield the rules of a pack in the order of its file, then the measures of its tariff."""
    yield from _values(pack)
    for number, rate in enumerate(pack.tariff_rates):
        yield Rule(("tariff_rates", number), "tariff measure", f"{rate.measure}, as {rate.name}")
    for field, kind in _CHOICES.items():
        yield from _rows(getattr(pack, field), (field,), kind, "")
    for number, charge in enumerate(pack.charges):
        path: Path = ("charges", number)
        yield Rule(path, "charge", charge.rule_id)
        if charge.total is not None:
            yield Rule((*path, "total"), "rounding of the sum", charge.rule_id)
        if charge.is_waived_when is not None:
            yield Rule((*path, "is_waived_when"), "waiver", charge.rule_id)
        for key, rows in (("due", charge.due), ("debtor", charge.debtor)):
            if not isinstance(rows, str) and len(rows) > 1:
                yield from _rows(rows, (*path, key), key, f"{charge.rule_id}: ")
    for field, kind in _REASON_FIELDS.items():
        for number, rule in enumerate(getattr(pack, field)):
            yield Rule((field, number), kind, rule.rule_id)
    for measure in measures_of(pack.code, files):
        yield Rule((TARIFF, measure), "tariff measure", measure)


def _values(pack: Pack) -> Iterator[Rule]:
    for number, parameter in enumerate(pack.parameters):
        for place, value in enumerate(parameter.values):
            # That there is none on some days is no rule.
            if value.value is not None:
                path: Path = ("parameters", number, "values", place)
                yield Rule(path, "parameter", _name_value(parameter, value))


def measures_of(code: str, files: PackFiles) -> dict[str, int]:
    """Return the measures of a pack's tariff, each with its first line in the file."""
    path = f"{code}/{TARIFF}"
    lines = decode_table(files[path], TariffLine, path) if path in files else ()
    first: dict[str, int] = {}
    for number, line in enumerate(lines, start=2):
        first.setdefault(line.measure, number)
    return first


def _rows(rows: Sequence[Choice], path: Path, kind: str, before: str) -> Iterator[Rule]:
    codes = [row.code for row in rows]
    for place, row in enumerate(rows):
        # Several rows may give one code; then the condition tells them apart.
        name = row.code if codes.count(row.code) == 1 else f"{row.code}, when {row.condition}"
        yield Rule((*path, place), kind, before + name)


def _name_value(parameter: Parameter, value: DatedValue) -> str:
    key = f" [{value.key}]" if value.key else ""
    return f"{parameter.name}{key} from {value.valid_from}"


# ---- what one run reached ----


def reached_by(run: LawRun) -> set[Reached]:
    """Return the rules that a run of one law reached, of all the packs it is composed of."""
    reached = set(_rendered(run)) | set(_read(run))
    for field, level, choice in (
        ("relief", "item", run.program.relief),
        ("declaration_form", "consignment", run.program.declaration_form),
    ):
        reached.update(_chosen(run, field, level, choice))
    for charged in run.charges:
        if len(charged.rows):
            reached.update(_charged(charged))
    found = {
        name for name, value in run.recorded().items() if name.startswith(_LINES) and (value.data >= 0).any()
    }
    measures = {name.removeprefix(_LINES).rpartition("_")[0] for name in found}
    for pack in run.program.packs:
        reached.update((pack.code, (TARIFF, measure)) for measure in measures)
        reached.update(
            (pack.code, ("tariff_rates", number))
            for number, rate in enumerate(pack.tariff_rates)
            if asked_measure(rate) in measures
        )
    return reached


def _rendered(run: LawRun) -> Iterator[Reached]:
    for number, applies in run.applying:
        rule = run.program.rules[number]
        if applies.any():
            for field in _REASON_FIELDS:
                for place, one in enumerate(getattr(rule.pack, field)):
                    if one is rule.rule:
                        yield rule.pack.code, (field, place)


def _chosen(run: LawRun, field: str, level: str, choice: CompiledChoice) -> Iterator[Reached]:
    places = [
        (pack.code, number) for pack in run.program.packs for number in range(len(getattr(pack, field)))
    ]
    rows, _ = choose(run, choice, level)
    for row in set(rows.tolist()) - {-1}:
        code, number = places[row]
        yield code, (field, number)


def _charged(charged: ChargeRows) -> Iterator[Reached]:
    pack, rule_id = charged.charge.pack, charged.charge.charge.rule_id
    by_rule = {charge.rule_id: number for number, charge in enumerate(pack.charges)}
    if rule_id not in by_rule:
        yield pack.code, ("charges", by_rule[rule_id.removesuffix(ROUNDING)], "total")
        return
    path: Path = ("charges", by_rule[rule_id])
    yield pack.code, path
    if charged.is_waived.any():
        yield pack.code, (*path, "is_waived_when")
    for key, rows in (("due", charged.due), ("debtor", charged.debtor)):
        for row in set(rows.tolist()) - {-1}:
            yield pack.code, (*path, key, row)


def _read(run: LawRun) -> Iterator[Reached]:
    """Yield the values of parameters that were read: of the law day, and of the keys that were there."""
    days = set(run.law_days.tolist())
    for name in run.program.parameters.keys() & run.recorded().keys():
        parameter, pack = run.program.parameters[name]
        number = next(place for place, one in enumerate(pack.parameters) if one.name == name)
        keys = _keys_asked(run, parameter)
        for place, value in enumerate(parameter.values):
            begin, end = day_number(value.valid_from), day_number(value.valid_to)
            if value.key in keys and any(begin <= day < end for day in days):
                yield pack.code, ("parameters", number, "values", place)


def _keys_asked(run: LawRun, parameter: Parameter) -> set[str | None]:
    name = parameter.by or parameter.by_prefix
    if name is None:
        return {None}
    key = run.read(name)
    words = {key.words[number] for number in set(key.data.tolist()) if number >= 0}
    if parameter.by is not None:
        return set(words)
    return {_longest(word, (value.key for value in parameter.values)) for word in words}


def _longest(word: str, keys: Iterable[str | None]) -> str | None:
    fitting = [key for key in keys if key is not None and word.startswith(key)]
    return max(fitting, key=len, default=None)
