"""The figures of a pack in words, on a day: limits, which something is held against, and the other figures.

A parameter is a limit where a pack of the place compares an amount with it: so no name and no list of limits
is needed.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import msgspec
import sqlglot
from sqlglot import exp

from serai.foundation.http.interface_words import interface_words
from serai.foundation.locales import day_text
from serai.journey.texts.law_texts import law_texts
from serai.laboratory.law_bench.diff_words import render_amount
from serai.law.pack import DatedValue, Pack, Parameter, Source
from serai.model.languages import DEFAULT_LANGUAGE

_LIMIT_KINDS = frozenset({"money", "mass", "count"})
_SHOWN_KINDS = frozenset({"money", "mass", "count", "rate", "date"})
_COMPARISONS = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)
_FILLING = "FILL_WHOLE_UNITS"
"""The function that fills a limit with whole things."""
_EXPRESSIONS = frozenset({"when", "base", "rate", "amount", "is_waived_when", "is_there", "draws", "value"})


class LawFigure(msgspec.Struct, frozen=True):
    """A figure of the law. text: the value, or the range of values by key. since: the first day of the value;
    None for a range. language: of the meaning.
    """

    name: str
    meaning: str
    text: str
    is_limit: bool
    since: dt.date | None
    source: Source | None
    language: str = DEFAULT_LANGUAGE


def figures_on(
    pack: Pack, on: dt.date, limits: frozenset[str], language: str, key: str | None = None
) -> list[LawFigure]:
    """Return the figures of a pack as they stand on its day closest to `on`; limits first.

    limits: names of `limit_names`. key: a country, whose own value is told where there is one for each.
    language: of meanings and values.
    """
    day = _day_of(pack, on)
    found = [
        figure
        for parameter in pack.parameters
        if parameter.kind in _SHOWN_KINDS and not parameter.is_list
        if (
            figure := _figure(pack, parameter, day, key, is_limit=parameter.name in limits, language=language)
        )
        is not None
    ]
    return sorted(found, key=lambda one: not one.is_limit)


def limit_names(packs: Iterable[Pack]) -> frozenset[str]:
    """Return the parameters of packs, read together, that something is held against: amounts of money, masses
    and counts.
    """
    names: set[str] = set()
    compared: set[str] = set()
    for pack in packs:
        names |= {one.name for one in pack.parameters if one.kind in _LIMIT_KINDS}
        for text in _expressions(msgspec.to_builtins(pack)):
            compared |= _compared(text)
    return frozenset(names & compared)


@lru_cache(4096)
def _compared(text: str) -> frozenset[str]:
    try:
        tree: Any = sqlglot.parse_one(text, dialect="postgres")
    except sqlglot.errors.SqlglotError:
        return frozenset()
    holders = [*tree.find_all(*_COMPARISONS)]
    holders += [one for one in tree.find_all(exp.Anonymous) if one.name.upper() == _FILLING]
    return frozenset(column.name for holder in holders for column in holder.find_all(exp.Column))


def _expressions(part: Any) -> Iterator[str]:
    """Give every text of a pack that may be an expression."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "parameters":
                continue
            if name in _EXPRESSIONS and isinstance(value, str):
                yield value
            else:
                yield from _expressions(value)
    elif isinstance(part, list):
        for value in part:
            yield from _expressions(value)


def _day_of(pack: Pack, on: dt.date) -> dt.date:
    last = dt.date.max if pack.valid_to is None else pack.valid_to - dt.timedelta(days=1)
    return min(max(on, pack.valid_from), last)


def _figure(
    pack: Pack, parameter: Parameter, day: dt.date, key: str | None, *, is_limit: bool, language: str
) -> LawFigure | None:
    values = [value for value in parameter.values if _holds(value, day)]
    own = [value for value in values if value.key is not None and value.key == key]
    told = own or [value for value in values if value.key is None] or values
    if not told:
        return None
    currency = parameter.currency or pack.currency
    meanings = law_texts(language)
    texts = [_amount(value.value, parameter.kind, currency, language) for value in _ordered(told)]
    range_text = interface_words(language).gettext("%(low)s to %(high)s")
    spread = list(dict.fromkeys(texts))
    text = spread[0] if len(spread) == 1 else range_text % {"low": spread[0], "high": spread[-1]}
    return LawFigure(
        parameter.name,
        meanings.get(parameter.meaning, parameter.meaning).rstrip("."),
        text.replace(" ", "\u00a0") if len(spread) == 1 else text,
        is_limit,
        told[0].valid_from if len(told) == 1 else None,
        pack.sources.get(told[0].source) if len({value.source for value in told}) == 1 else None,
        language if parameter.meaning in meanings else DEFAULT_LANGUAGE,
    )


def _amount(value: Any, kind: str, currency: str | None, language: str) -> str:
    """Return a value as its language writes it."""
    if kind == "date" and isinstance(value, str):
        return day_text(dt.date.fromisoformat(value), language)
    return render_amount(value, kind, currency)


def _holds(value: DatedValue, day: dt.date) -> bool:
    return value.valid_from <= day and (value.valid_to is None or day < value.valid_to)


def _ordered(values: list[DatedValue]) -> list[DatedValue]:
    numbers = [(value.value, place) for place, value in enumerate(values) if isinstance(value.value, int)]
    return [values[place] for _, place in sorted(numbers)] if len(numbers) == len(values) else values
