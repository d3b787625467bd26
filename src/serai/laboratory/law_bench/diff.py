"""What two packs differ in, as data: values by day, charges, reliefs, rules, who owes what, the tariff.

Texts of sources, meanings and open questions are left out: they change no parcel.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import msgspec

from serai.law.pack import DatedValue, Pack, Parameter
from serai.law.tariff import TariffLine

Change = Literal["added", "removed", "changed"]

_HEAD = (
    "jurisdiction",
    "layer",
    "channels",
    "procedures",
    "directions",
    "status",
    "valid_from",
    "valid_to",
    "known_from",
    "suspended",
    "currency",
    "law_moment",
    "time_zone",
    "apportionment",
    "tariff_extent",
    "allowance",
    "aggregation",
    "time_limits",
)
_LISTS = {
    "conversions": ("conversion", "name"),
    "tariff_rates": ("tariff rate", "name"),
    "relief": ("relief", ""),
    "declaration_form": ("form", ""),
    "charges": ("charge", "rule_id"),
    "reasons": ("reason", "rule_id"),
    "requirements": ("requirement", "rule_id"),
    "exclusions": ("exclusion", "rule_id"),
    "registrations": ("registration", "kind"),
    "additional_procedures": ("additional procedure", "code"),
    "definitions": ("definition", "name"),
}
"""List of a pack: what one of it is called, and the key that names it; rows of tables are named by their
code.
"""
_SILENT = frozenset({"meaning", "source", "values", "text"})
"""Fields whose change is none of the law, or is told by day."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. part: of the pack; name: in the part; title: what people call it, where it says.

    field: what of it differs; None for what only one of the packs has. before, after: as the packs say it;
    None: not said. valid_from, valid_to (exclusive; None is open): days of a value that differs.
    currency_before, currency_after: of amounts of money, in minor units. kind: of a value.
    """

    part: str
    name: str
    change: Change
    title: str | None = None
    field: str | None = None
    before: Any = None
    after: Any = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    key: str | None = None
    kind: str | None = None
    currency_before: str | None = None
    currency_after: str | None = None


def diff_packs(before: Pack, after: Pack) -> list[Difference]:
    """Return what is different in the second pack: its head, its values by day, its tables and rules."""
    found = [
        Difference("pack", field, "changed", None, field, _plain(one), _plain(other))
        for field in _HEAD
        if (one := getattr(before, field)) != (other := getattr(after, field))
    ]
    found += _diff_parameters(before, after)
    for field, (part, key) in _LISTS.items():
        found += _diff_lists(part, key, getattr(before, field), getattr(after, field))
    return found


# ---- parameters, by day ----


class _Span(NamedTuple):
    """Days (end exclusive; None is open) and the two values in force on them; None: none is given."""

    begin: dt.date
    end: dt.date | None
    before: Any
    after: Any


def _diff_parameters(before: Pack, after: Pack) -> Iterator[Difference]:
    old = {one.name: one for one in before.parameters}
    new = {one.name: one for one in after.parameters}
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name), new.get(name)
        known = other or one
        assert known is not None
        if one is not None and other is not None:
            yield from _diff_fields("parameter", name, known.meaning, _plain(one), _plain(other))
        change: Change = "added" if one is None else "removed" if other is None else "changed"
        for key in _keys(one, other):
            for span in _spans(one, other, key, before, after):
                yield Difference(
                    "parameter",
                    name,
                    change,
                    known.meaning,
                    "value",
                    span.before,
                    span.after,
                    span.begin,
                    span.end,
                    key,
                    known.kind,
                    _currency(one, before),
                    _currency(other, after),
                )


def _keys(*parameters: Parameter | None) -> list[str | None]:
    return list(dict.fromkeys(value.key for one in parameters if one is not None for value in one.values))


def _currency(parameter: Parameter | None, pack: Pack) -> str | None:
    if parameter is None or parameter.kind != "money":
        return None
    return parameter.currency or pack.currency


def _spans(
    one: Parameter | None, other: Parameter | None, key: str | None, before: Pack, after: Pack
) -> list[_Span]:
    """Return the days of the second pack on which the first says something else.

    Where the first is not law on such a day, its closest day speaks: its last, as a rule, for one version of
    a law follows the other. A parameter that was left out is told by the days of the first pack.
    """
    old, new = _values(one, key), _values(other, key)
    window = before if other is None else after
    edges = {day for value in (*old, *new) for day in (value.valid_from, value.valid_to) if day is not None}
    inside = (
        day for day in edges if window.valid_from < day and (window.valid_to is None or day < window.valid_to)
    )
    begins = [window.valid_from, *sorted(inside)]
    spans: list[_Span] = []
    for begin, end in zip(begins, [*begins[1:], window.valid_to], strict=True):
        pair = _value_on(old, _closest(begin, before)), _value_on(new, _closest(begin, after))
        if pair[0] == pair[1]:
            continue
        if spans and spans[-1].end == begin and spans[-1][2:] == pair:
            spans[-1] = spans[-1]._replace(end=end)
        else:
            spans.append(_Span(begin, end, *pair))
    return spans


def _values(parameter: Parameter | None, key: str | None) -> list[DatedValue]:
    return [] if parameter is None else [value for value in parameter.values if value.key == key]


def _closest(day: dt.date, pack: Pack) -> dt.date:
    """Return the day on which the pack is law that is closest to a day."""
    last = dt.date.max if pack.valid_to is None else pack.valid_to - dt.timedelta(days=1)
    return min(max(day, pack.valid_from), last)


def _value_on(values: Sequence[DatedValue], day: dt.date) -> Any:
    for value in values:
        if value.valid_from <= day and (value.valid_to is None or day < value.valid_to):
            return value.value
    return None


# ---- lists ----


def _diff_lists(part: str, key: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    old, new = _by_name(before, key), _by_name(after, key)
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name), new.get(name)
        title = _title(other if other is not None else one)
        if one is None:
            yield Difference(part, name, "added", title, after=other)
        elif other is None:
            yield Difference(part, name, "removed", title, before=one)
        else:
            yield from _diff_fields(part, name, title, one, other)
    kept, kept_new = [name for name in old if name in new], [name for name in new if name in old]
    if not key and kept != kept_new:
        yield Difference(part, "all", "changed", None, "order", kept, kept_new)


def _by_name(rows: Iterable[Any], key: str) -> dict[str, dict[str, Any]]:
    seen: Counter[str] = Counter()
    named = {}
    for row in rows:
        name = str(getattr(row, key or "code"))
        seen[name] += 1
        # A code may stand in several rows of a table, in their order.
        named[name if seen[name] == 1 else f"{name} ({seen[name]})"] = _plain(row)
    return named


def _title(row: Mapping[str, Any] | None) -> str | None:
    told = row or {}
    return told.get("title") or told.get("meaning") or told.get("sentence")


def _diff_fields(
    part: str, name: str, title: str | None, one: Mapping[str, Any], other: Mapping[str, Any]
) -> Iterator[Difference]:
    for field in one:
        if field not in _SILENT and one[field] != other[field]:
            yield Difference(part, name, "changed", title, field, one[field], other[field])


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, builtin_types=(dt.date,))


# ---- tariff ----


def diff_tariffs(before: Iterable[TariffLine], after: Iterable[TariffLine]) -> list[Difference]:
    """Return the lines of the tariff that differ. A line is that of its measure, prefix, origin, preference,
    territory and first day.
    """
    old, new = _by_line(before), _by_line(after)
    found = []
    for key in dict.fromkeys((*old, *new)):
        one, other = old.get(key), new.get(key)
        if one == other:
            continue
        known = other or one
        assert known is not None
        change: Change = "added" if one is None else "removed" if other is None else "changed"
        found.append(
            Difference(
                "tariff",
                f"{known.measure} {known.commodity_prefix}",
                change,
                " ".join(filter(None, (known.origin_code, known.preference_code, known.territory_code)))
                or None,
                before=None if one is None else _terms(one),
                after=None if other is None else _terms(other),
                valid_from=known.valid_from,
                valid_to=known.valid_to,
            )
        )
    return found


def _by_line(lines: Iterable[TariffLine]) -> dict[tuple[object, ...], TariffLine]:
    return {
        (
            line.measure,
            line.commodity_prefix,
            line.origin_code,
            line.preference_code,
            line.territory_code,
            line.valid_from,
        ): msgspec.structs.replace(line, source="*", confidence="sourced")
        for line in lines
    }


def _terms(line: TariffLine) -> dict[str, Any]:
    names = (
        "ad_valorem_ppm",
        "specific_micro",
        "specific_unit",
        "minimum_micro",
        "maximum_micro",
        "valid_to",
    )
    return {name: getattr(line, name) for name in names}
