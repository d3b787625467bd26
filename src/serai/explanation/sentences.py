"""An explanation in three to six short sentences, for somebody who waits for a parcel."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from serai.explanation.phrases import Phrases, read_phrases
from serai.explanation.steps import ChargeExplained, Explanation, Step
from serai.explanation.wording import render_day, render_money
from serai.law.tariff import day_number

SENTENCES_MAX = 6
_COMMA = re.compile("[,\N{ARABIC COMMA}\N{FULLWIDTH COMMA}]")
"""In the scripts that titles are written in."""


def sentences(explanation: Explanation, language: str = "en") -> list[str]:
    """Return what was worked out, in plain words, the most telling first.

    Raises SeraiError `language-unknown`.
    """
    phrases = read_phrases(language)
    if explanation.law is None:
        return [phrases.sentences["no_law"], *_needed(explanation, phrases)]
    said = [
        _render(phrases, "law", day=explanation.law.children[0].result, title=explanation.law.result),
        *_thresholds(explanation.thresholds[:1], phrases),
        *_kinds(explanation, phrases),
        *_payments(explanation, phrases),
    ]
    confirmation, needed = _confirmation(explanation, phrases), _needed(explanation, phrases)
    law, *others = said[: SENTENCES_MAX - len(confirmation) - len(needed)]
    return [law, *confirmation, *others, *needed]


def _render(phrases: Phrases, key: str, **figures: object) -> str:
    return phrases.sentences[key].format(**phrases.isolated(figures))


def _confirmation(explanation: Explanation, phrases: Phrases) -> list[str]:
    """Say where the law is older than the last source that shows it in force."""
    if explanation.law_not_confirmed_since is None:
        return []
    day = render_day(day_number(dt.date.fromisoformat(explanation.law_not_confirmed_since)), phrases.language)
    return [_render(phrases, "not_confirmed", day=day)]


def _thresholds(steps: Iterable[Step], phrases: Phrases) -> Iterator[str]:
    for step in steps:
        limit = next((child for child in step.children if child.kind == "parameter"), None)
        value = next((child for child in step.children if child.kind != "parameter"), None)
        if limit is None or value is None:
            continue
        is_upper_limit = "<" in (step.formula or "")
        is_within = (step.result == phrases.phrases["yes"]) == is_upper_limit
        key = (
            "threshold_unknown"
            if not step.is_known
            else "threshold_below"
            if is_within
            else "threshold_above"
        )
        yield _render(phrases, key, left=value.result, right=limit.result, law_ref=step.law_ref)


def _kinds(explanation: Explanation, phrases: Phrases) -> Iterator[str]:
    """Say duty and tax always, excise and fees where there are any."""
    totals = {total.name: total for total in explanation.totals if total.currency == explanation.currency}
    if "duty" not in totals:
        return
    for kind in ("duty", "tax", "excise", "fee"):
        charges = [
            charge for charge in explanation.all_charges() if charge.kind == kind and charge.amount_minor
        ]
        if charges and totals[kind].amount_minor:
            law_refs = "; ".join(dict.fromkeys(charge.step.law_ref or "" for charge in charges))
            title = _COMMA.split(charges[0].title, maxsplit=1)[0]
            yield _render(phrases, "charged", title=title, amount=totals[kind].step.result, law_ref=law_refs)
        elif kind in ("duty", "tax"):
            yield phrases.sentences[f"no_{kind}"]


def _payments(explanation: Explanation, phrases: Phrases) -> Iterator[str]:
    """Say what is paid when, the door first; what is too little to collect; what may be asked back."""
    at_border = _due(explanation, "border")
    if not any(total.name == "due_at_border" for total in explanation.totals):
        yield phrases.sentences["sum_unknown"]
        return
    if at_border:
        yield _render(
            phrases, "border", amount=_sum(at_border, phrases.language), roles=_shares(at_border, phrases)
        )
    else:
        yield phrases.sentences["nothing_at_border"]
    at_sale = _due(explanation, "sale")
    if at_sale:
        yield _render(phrases, "sale", amount=_sum(at_sale, phrases.language))
    every = explanation.all_charges()
    waived = [charge for charge in every if charge.is_waived and charge.amount_minor]
    if waived:
        yield _render(phrases, "waived", amount=_sum(waived, phrases.language))
    claims = [charge for charge in every if charge.kind == "claim" and charge.amount_minor]
    if claims:
        yield _render(phrases, "claims", amount=_sum(claims, phrases.language), roles=_roles(claims, phrases))


def _due(explanation: Explanation, due_code: str) -> list[ChargeExplained]:
    return [
        charge
        for charge in explanation.all_charges()
        if charge.due_code == due_code
        and charge.kind != "claim"
        and charge.amount_minor
        and not charge.is_waived
    ]


def _sum(charges: Iterable[ChargeExplained], language: str) -> str:
    """Return what charges add up to, each currency by itself."""
    sums: dict[str, int] = {}
    for charge in charges:
        sums[charge.currency] = sums.get(charge.currency, 0) + charge.amount_minor
    return ", ".join(render_money(amount, currency, language) for currency, amount in sums.items())


def _shares(charges: list[ChargeExplained], phrases: Phrases) -> str:
    """Return who pays, and how much each where there are several."""
    by_role: dict[str, list[ChargeExplained]] = {}
    for charge in charges:
        role = phrases.roles.get(charge.debtor_code or "", charge.debtor_code or "")
        by_role.setdefault(role, []).append(charge)
    if len(by_role) == 1:
        return _render(phrases, "by", role=next(iter(by_role)))
    return ", ".join(
        _render(phrases, "share", amount=_sum(own, phrases.language), role=role)
        for role, own in by_role.items()
    )


def _roles(charges: Iterable[ChargeExplained], phrases: Phrases) -> str:
    codes = dict.fromkeys(charge.debtor_code or "" for charge in charges)
    return ", ".join(dict.fromkeys(phrases.roles.get(code, code) for code in codes))


def _needed(explanation: Explanation, phrases: Phrases) -> list[str]:
    words = dict.fromkeys(one.meaning for one in explanation.needed if one.meaning)
    return [_render(phrases, "needed", words="; ".join(words))] if words else []
