"""Rules of CEB messages beyond structure and lengths: `rules.yaml`, applied to a message."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import msgspec

from serai.formats.ceb.facts import NAMESPACE, SIGNATURE_NAMESPACE
from serai.formats.found import Found
from serai.formats.xml_document import local_name
from serai.formats.xml_shape import decimal_of
from serai.model.findings import Finding, Severity

EVERY = "*"
"""In place of a message's name: the rule is of all of them."""

_DIGITS = {"%Y%m%d": 8, "%Y%m%d%H%M%S": 14, "%Y%m%d%H%M%S%f": 17}
"""Length of each form; the last one has thousandths: YYYYMMDDhhmmssSSS."""
_DAY_DIGITS = _DIGITS["%Y%m%d"]


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    severity: Severity


class _Time(_Rule, frozen=True):
    elements: list[str]
    form: str


class _Values(_Rule, frozen=True, rename={"allowed": "in"}):
    records: list[str]
    elements: list[str]
    allowed: list[str]


class _Needed(_Rule, frozen=True):
    record: str
    when: dict[str, str]
    elements: list[str]


class _Sum(_Rule, frozen=True):
    record: str
    total: str
    plus: list[str]
    minus: list[str]


class _Product(_Rule, frozen=True):
    record: str
    total: str
    factors: list[str]


class _Unique(_Rule, frozen=True):
    records: list[str]
    elements: list[str]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of the file."""

    source: str
    valid_from: dt.date
    times: list[_Time]
    values: list[_Values]
    needed: list[_Needed]
    sums: list[_Sum]
    products: list[_Product]
    unique: list[_Unique]


Texts = dict[str, str]
"""Text of the leaves of one record by name; the first of each."""


@cache
def rules() -> Rules:
    """Return the rules."""
    return msgspec.yaml.decode((files("serai.formats.ceb") / "rules.yaml").read_bytes(), type=Rules)


def find_against_rules(root: Any, found: Found) -> None:
    """Add what is against the rules, record by record."""
    message = local_name(root)
    seen: dict[tuple[str, str], str] = {}
    for path, texts in _records(root):
        if found.is_full:
            return
        for finding in (*find_in_record(message, path, texts), *_repeated(message, path, texts, seen)):
            found.add(finding)


def find_in_record(message: str, path: str, texts: Texts) -> list[Finding]:
    """Find what is against the rules in one record of a message. path: where it stands."""
    its = _rules_of(message)
    found = [*_wrong_times(its, path, texts), *_wrong_values(its, path, texts)]
    if its.needed:
        found += _missing(its, path, texts)
    if its.sums or its.products:
        found += _wrong_totals(its, path, texts)
    return found


class _RulesOfMessage(msgspec.Struct, frozen=True):
    """Those rules that one message can meet. times, values: by name of the element."""

    times: dict[str, _Time]
    values: list[tuple[str, frozenset[str], _Values]]
    needed: list[_Needed]
    sums: list[_Sum]
    products: list[_Product]


@cache
def _rules_of(message: str) -> _RulesOfMessage:
    every = rules()
    return _RulesOfMessage(
        times={name: rule for rule in every.times for name in rule.elements},
        values=[
            (name, frozenset(rule.allowed), rule)
            for rule in every.values
            if _is_of(rule.records, message)
            for name in rule.elements
        ],
        needed=[rule for rule in every.needed if rule.record == message],
        sums=[rule for rule in every.sums if rule.record == message],
        products=[rule for rule in every.products if rule.record == message],
    )


def _records(root: Any) -> Iterator[tuple[str, Texts]]:
    """Give path and leaves of each record with leaves, but for signatures and other parties' content."""
    for path, element in _groups(root, f"/{local_name(root)}"):
        texts: Texts = {}
        for child in element:
            if not len(child) and child.text and child.tag.startswith(f"{{{NAMESPACE}}}"):
                texts.setdefault(local_name(child), child.text)
        if texts:
            yield path, texts


def _groups(element: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, element
    children = [one for one in element if len(one) and not one.tag.startswith(f"{{{SIGNATURE_NAMESPACE}}}")]
    totals: dict[str, int] = {}
    for child in children:
        totals[child.tag] = totals.get(child.tag, 0) + 1
    counts: dict[str, int] = {}
    for child in children:
        counts[child.tag] = number = counts.get(child.tag, 0) + 1
        name = local_name(child)
        if name != "ExtendMessage":
            yield from _groups(
                child, f"{path}/{name}[{number}]" if totals[child.tag] > 1 else f"{path}/{name}"
            )


def _wrong_times(its: _RulesOfMessage, path: str, texts: Texts) -> Iterator[Finding]:
    for name, rule in its.times.items():
        text = texts.get(name)
        if text is not None and not is_time(text, rule.form):
            form = rule.form.replace("%", "")
            yield Finding("ceb-not-a-time", f"{path}/{name}", rule.severity, {"form": form})


def is_time(text: str, form: str) -> bool:
    """Say whether a text is an instant or a day in a form such as %Y%m%d. The day must exist."""
    digits = _DIGITS[form]
    if not (text.isascii() and text.isdigit() and len(text) == digits):
        return False
    hour, minute, second = (text[8:10], text[10:12], text[12:14]) if digits > _DAY_DIGITS else (0, 0, 0)
    try:
        dt.datetime(
            int(text[:4]),
            int(text[4:6]),
            int(text[6:8]),
            int(hour),
            int(minute),
            int(second),
            tzinfo=dt.UTC,
        )
    except ValueError:
        return False
    return True


def _is_of(records: list[str], message: str) -> bool:
    return EVERY in records or message in records


def _wrong_values(its: _RulesOfMessage, path: str, texts: Texts) -> Iterator[Finding]:
    for name, allowed, rule in its.values:
        text = texts.get(name)
        if text is not None and text not in allowed:
            parameters = {"field": name, "expected": ", ".join(rule.allowed)}
            yield Finding("ceb-other-value", f"{path}/{name}", rule.severity, parameters)


def _missing(its: _RulesOfMessage, path: str, texts: Texts) -> Iterator[Finding]:
    for rule in its.needed:
        if any(texts.get(name) != value for name, value in rule.when.items()):
            continue
        ((other, value),) = rule.when.items()
        for name in rule.elements:
            if not texts.get(name, "").strip():
                parameters = {"field": name, "other": other, "value": value}
                yield Finding("ceb-needed", f"{path}/{name}", rule.severity, parameters)


def _wrong_totals(its: _RulesOfMessage, path: str, texts: Texts) -> Iterator[Finding]:
    for one in its.sums:
        if one.total in texts:
            expected = _sum(texts, one)
            way = " + ".join(one.plus) + "".join(f" - {name}" for name in one.minus)
            yield from _total_fault(path, texts, one.total, expected, way=way, severity=one.severity)
    for rule in its.products:
        if rule.total in texts:
            expected = _product(texts, rule)
            way = " x ".join(rule.factors)
            yield from _total_fault(path, texts, rule.total, expected, way=way, severity=rule.severity)


def _product(texts: Texts, rule: _Product) -> Decimal | None:
    product = Decimal(1)
    for name in rule.factors:
        factor = _decimal(texts.get(name, ""))
        if factor is None:
            return None
        product *= factor
    return product


def _sum(texts: Texts, rule: _Sum) -> Decimal | None:
    total = Decimal()
    for names, sign in ((rule.plus, 1), (rule.minus, -1)):
        for name in names:
            number = _decimal(texts.get(name, "0"))
            if number is None:
                return None
            total += sign * number
    return total


def _total_fault(
    path: str, texts: Texts, total: str, expected: Decimal | None, *, way: str, severity: Severity
) -> Iterator[Finding]:
    stated = _decimal(texts[total])
    if stated is not None and expected is not None and stated != expected:
        parameters = {"field": total, "way": way, "expected": f"{expected.normalize():f}"}
        yield Finding("ceb-total-differs", f"{path}/{total}", severity, parameters)


@lru_cache(maxsize=4_096)
def _decimal(text: str) -> Decimal | None:
    """Read a number of so many digits as the schemas allow; None: it is none, which is told elsewhere."""
    # Kept: nought, freight and small quantities stand in every document.
    return decimal_of(text)


def _repeated(message: str, path: str, texts: Texts, seen: dict[tuple[str, str], str]) -> Iterator[Finding]:
    for rule in rules().unique:
        if not _is_of(rule.records, message):
            continue
        for name in rule.elements:
            if name in texts:
                first = seen.setdefault((name, texts[name]), path)
                if first != path:
                    parameters = {"field": name, "first": first}
                    yield Finding("ceb-repeated", f"{path}/{name}", rule.severity, parameters)
