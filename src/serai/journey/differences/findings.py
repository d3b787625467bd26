"""Differences as findings: amounts in the words of their currency, counts with their unit."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from serai.journey.differences.codes import DIFFERENCES
from serai.journey.differences.verdicts import Matched
from serai.model.findings import Finding
from serai.model.frames import ABSENT
from serai.model.money import format_minor

PART_MARK = " | "
"""Between the difference, what is there and what was expected: one text is kept of a finding's parameters."""

_AMOUNT_HAS_EXPECTED = 3
_GRAMS = frozenset({"mass-differs"})


def findings_of(matched: Matched) -> dict[int, list[Finding]]:
    """Return by place of the case what is said of it, each once."""
    frame = matched.differences
    names = ("case", "amount_minor", "has_minor", "expected_minor", "counted", "counted_expected")
    columns = [frame.numbers(name).tolist() for name in names]
    codes, currencies = frame.words("code").texts(), frame.words("currency_code").texts()
    found: dict[int, list[Finding]] = defaultdict(list)
    for code, currency, case, *numbers in zip(codes, currencies, *columns, strict=True):
        assert code is not None
        text = _text(code, currency, *numbers)
        finding = Finding(code, DIFFERENCES[code].pointer, "advice", {"value": text} if text else {})
        if finding not in found[case]:
            found[case].append(finding)
    return found


_OF_MORE: Final = {"declared-amount-differs": False, "paid-amount-differs": True}
"""Contradictions of value, and whether what is there is more than expected where more was paid than is
declared."""


def says_more_was_paid(findings: Sequence[Finding]) -> bool:
    """Say whether documents contradict a declared value: it is less than what was ordered or paid, by more
    than the law lets pass."""
    for one in findings:
        figures = one.parameters.get("value", "").split(PART_MARK)
        if one.code in _OF_MORE and len(figures) == _AMOUNT_HAS_EXPECTED:
            has, expected = (Decimal(figure.split()[0]) for figure in figures[1:])
            if (has > expected) == _OF_MORE[one.code]:
                return True
    return False


def without_figures(findings: Sequence[Finding]) -> list[Finding]:
    """Return the same for who may not read all of the documents: what differs, each once, and not by how
    much."""
    return [Finding(*key) for key in dict.fromkeys((one.code, one.pointer, one.severity) for one in findings)]


def _text(code: str, currency: str | None, *numbers: int) -> str:
    """Return what a finding's sentence names; empty where it names nothing."""
    amount, has, expected, counted, counted_expected = numbers
    if amount != ABSENT and currency is not None:
        amounts = [abs(amount)] if ABSENT in (has, expected) else [abs(amount), has, expected]
        return PART_MARK.join(f"{format_minor(one, currency)} {currency}" for one in amounts)
    if counted == ABSENT:
        return ""
    counts = [counted]
    if counted_expected != ABSENT:
        counts = [abs(counted - counted_expected), counted, counted_expected]
    unit = " g" if code in _GRAMS else ""
    return PART_MARK.join(f"{one}{unit}" for one in counts)
