"""Charges in the arithmetic that people do in their heads: `3 x EUR 3.00 = EUR 9.00`. Figures are those of
the explanation; none is worked out anew but for sums of them."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from serai.explanation.steps import ChargeExplained, Explanation
from serai.foundation.http.wording import money_text
from serai.foundation.locales import decimal_text

_TERMS_COUNT_MAX: Final = 4
_TIMES: Final = "\N{MULTIPLICATION SIGN}"


class Sum(msgspec.Struct, frozen=True):
    """One charge over all goods. parts: what it is made of; "": one amount. total: with its currency."""

    title: str
    parts: str
    total: str
    due_code: str
    is_waived: bool


def sums_of(explanation: Explanation, language: str) -> list[Sum]:
    """Return each charge of a decision, over all goods items, in the order of the calculation."""
    groups: dict[tuple[str, str | None, str, bool], list[ChargeExplained]] = {}
    for one in explanation.all_charges():
        groups.setdefault((one.title, one.due_code, one.currency, one.is_waived), []).append(one)
    return [
        Sum(
            title,
            _parts(charges, language),
            _money(_total(charges), currency, language),
            due or "",
            is_waived,
        )
        for (title, due, currency, is_waived), charges in groups.items()
    ]


def _total(charges: Sequence[ChargeExplained]) -> int:
    return sum(one.amount_minor for one in charges)


def _parts(charges: Sequence[ChargeExplained], language: str) -> str:
    amounts = [one.amount_minor for one in charges]
    currency, first = charges[0].currency, charges[0]
    if len(charges) == 1:
        if first.rate_percent is None:
            return ""
        base = _money(first.base_minor, currency, language)
        return f"{decimal_text(first.rate_percent, language)}\u202f% {_TIMES} {base}"
    if len(set(amounts)) == 1:
        return f"{len(amounts)} {_TIMES} {_money(amounts[0], currency, language)}"
    counted: Mapping[int, int] = {amount: amounts.count(amount) for amount in dict.fromkeys(amounts)}
    if len(counted) > _TERMS_COUNT_MAX:
        return ""
    return " + ".join(
        (f"{count} {_TIMES} " if count > 1 else "") + _money(amount, currency, language)
        for amount, count in counted.items()
    )


def _money(amount_minor: int, currency: str, language: str) -> str:
    return money_text(amount_minor, currency, language=language)
