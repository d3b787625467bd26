"""The calculator's answer as a page shows it: countries side by side, then each with its lines and law."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from serai.explanation.sentences import sentences
from serai.explanation.steps import Explanation
from serai.foundation.http.charts import WIDTH
from serai.foundation.http.interface_words import Words, interface_words, translatable
from serai.foundation.http.wording import share_text
from serai.foundation.locales import join_text, number_text
from serai.journey.decision.rendered_reasons import Rendered
from serai.journey.quotes.answer import QuoteOut
from serai.laboratory.compare.measuring import PPM
from serai.portal.calculator.form import CalculatorForm
from serai.portal.calculator.service import Answer
from serai.portal.case.arithmetic import Sum, sums_of
from serai.portal.case.view import BillLine, Why, bill_of, why_of
from serai.portal.comparison.view import BarRow, Segment

_KINDS: Final = {"duty": "duty", "tax": "tax", "excise": "tax", "fee": "fee"}
"""Kind of a charge to the part of a bar; claims are no charge."""


class CountryAnswer(msgspec.Struct, frozen=True):
    """One country. to_pay: the sum, each currency apart; at_border, at_sale: of it, "" where nothing;
    elsewhere: owed beside it, in another way than with the sale or at the border.

    state: known, assumed (an invented rate stands in), unknown. burden_ppm: charges by the customs value,
    None where there is none. bill, why: every line, opened down to the law; empty where countries are many.
    lacking, assumed: sentences. restrictions: what the goods may not be sent without, or not at all. sums:
    charges over all goods, in arithmetic. alone: the address of this country's own page.
    """

    code: str
    name: str
    way: str
    is_other_way: bool
    state: str
    to_pay: str
    at_border: str
    at_sale: str
    elsewhere: str
    burden_ppm: int | None
    burden: str
    law_titles: list[str]
    in_short: list[str]
    bill: list[BillLine]
    why: list[Why]
    lacking: list[str]
    assumed: list[str]
    assumptions: list[str]
    next_change: str
    alone: str
    sums: list[Sum] = []
    restrictions: Sequence[Rendered] = ()


WAY_WORDS = {"post": translatable("By post"), "express": translatable("By express carrier")}


class CalculatorView(msgspec.Struct, frozen=True):
    """The answer. goods: the basket in words; rows: a bar for each country, the dearest first."""

    title: str
    goods: list[str]
    countries: list[CountryAnswer]
    rows: list[BarRow]
    has_details: bool


def view_answers(
    form: CalculatorForm,
    goods: Sequence[str],
    answers: Sequence[Answer],
    names: Mapping[str, str],
    language: str,
) -> CalculatorView:
    """Return the page of an answer. goods: the items in words; names: of countries."""
    countries = [_country(form, one, names[one.country_code], language) for one in answers]
    ordered = sorted(countries, key=lambda one: (one.burden_ppm is None, -(one.burden_ppm or 0), one.name))
    longest = max((one.burden_ppm or 0 for one in countries), default=0)
    by_code = {one.country_code: one for one in answers}
    return CalculatorView(
        _title(ordered, language),
        list(goods),
        ordered,
        [_bar(one, by_code[one.code].quote, longest, language) for one in ordered],
        any(one.bill or one.why for one in countries),
    )


def _title(countries: Sequence[CountryAnswer], language: str) -> str:
    words = interface_words(language)
    known = [one for one in countries if one.state != "unknown"]
    if len(countries) == 1:
        return _title_of_one(countries[0], words)
    if not known:
        return words.gettext("Not known in full in any of these countries")
    free = sum(not one.to_pay for one in known)
    dearest = known[0]
    if free == len(known):
        return words.ngettext(
            "Nothing to pay in %(count)s country", "Nothing to pay in %(count)s countries", free
        ) % {"count": free}
    figures = {"free": free, "count": len(countries), "country": dearest.name, "amount": dearest.to_pay}
    if free:
        return (
            words.gettext(
                "Nothing to pay in %(free)s of %(count)s countries, most in %(country)s: %(amount)s"
            )
            % figures
        )
    return words.gettext("Most in %(country)s: %(amount)s") % figures


def _title_of_one(one: CountryAnswer, words: Words) -> str:
    named = {"country": one.name, "amount": one.to_pay}
    if one.state == "unknown":
        return words.gettext("%(country)s: not known in full") % named
    if not one.to_pay:
        return words.gettext("%(country)s: nothing to pay") % named
    return words.gettext("%(country)s: %(amount)s to pay") % named


def _country(form: CalculatorForm, one: Answer, name: str, language: str) -> CountryAnswer:
    words = interface_words(language)
    quote, explanation = one.quote, one.explanation
    alone = "/calculator?" + form.query([one.country_code])
    if quote is None:
        return CountryAnswer(
            one.country_code, name, one.way, False, "unknown", "", "", "", "", None, "", [], [], [], [],
            [words.gettext("This could not be calculated just now; try again.")], [], [], "", alone,
        )  # fmt: skip
    prefix = f"{one.country_code.lower()}-"
    state = "unknown" if not quote.is_complete else "assumed" if one.assumed else "known"
    burden_ppm = None if state == "unknown" else _burden_ppm(quote)
    return CountryAnswer(
        code=one.country_code,
        name=name,
        way=one.way,
        is_other_way=one.way != form.by,
        state=state,
        to_pay=_sum(quote, ("border", "sale"), language),
        at_border=_sum(quote, ("border",), language),
        at_sale=_sum(quote, ("sale",), language),
        elsewhere=_sum(quote, ("none",), language),
        burden_ppm=burden_ppm,
        burden="" if burden_ppm is None else share_text(burden_ppm, PPM, language=language),
        law_titles=[] if explanation is None else [pack.title for pack in explanation.packs[:1]],
        in_short=[] if explanation is None else sentences(explanation, language),
        bill=[]
        if explanation is None
        else [
            msgspec.structs.replace(line, why=prefix + line.why if line.why else "")
            for line in bill_of(msgspec.to_builtins(quote), explanation, language)
        ],
        why=[] if explanation is None else _anchored(why_of(explanation, language), prefix),
        lacking=_lacking(quote, explanation),
        assumed=list(dict.fromkeys(lack.sentence or "" for lack in one.assumed)),
        assumptions=[
            *(assumption.sentence for assumption in quote.assumptions),
            *(
                [
                    words.gettext("The region is %(region)s: amounts differ by region.")
                    % {"region": one.region_code}
                ]
                if one.region_code
                else []
            ),
        ],
        next_change=quote.next_change.sentence if quote.next_change else "",
        alone=alone,
        sums=[] if explanation is None else sums_of(explanation, language),
        restrictions=one.restrictions,
    )


def _lacking(quote: QuoteOut, explanation: Explanation | None) -> list[str]:
    """Say what is not known; by its own name where the calculation is at hand."""
    said = [f"{lack.sentence} {lack.remedy}" for lack in quote.missing]
    if explanation is not None and said:
        said += [f"{needed.meaning.rstrip('.')}." for needed in explanation.needed]
    return list(dict.fromkeys(said))


def _anchored(whys: Iterable[Why], prefix: str) -> list[Why]:
    """Give each step's anchor the country, for the same step stands in several on one page; where a step
    stands twice in one calculation, links lead to the first.
    """
    seen: set[str] = set()

    def anchored(why: Why) -> Why:
        anchor = prefix + why.anchor if why.anchor and why.anchor not in seen else ""
        seen.add(why.anchor)
        return msgspec.structs.replace(
            why, anchor=anchor, children=[anchored(child) for child in why.children]
        )

    return [anchored(why) for why in whys]


def _charges(quote: QuoteOut, dues: Iterable[str]) -> list[tuple[str, str, Decimal]]:
    """Return kind, currency and amount of every charge that is collected."""
    wanted = frozenset(dues)
    charges = [charge for item in quote.goods_items for charge in item.charges] + quote.charges
    return [
        (_KINDS[one.kind], one.currency_code, Decimal(one.amount))
        for one in charges
        if one.kind in _KINDS and not one.is_waived and one.due in wanted
    ]


def _sum(quote: QuoteOut, dues: Iterable[str], language: str) -> str:
    """Return what is due, each currency apart; "" for nothing."""
    sums: dict[str, Decimal] = {}
    for _, currency, amount in _charges(quote, dues):
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    listed = [
        f"{currency}\u00a0{number_text(amount, language)}" for currency, amount in sums.items() if amount
    ]
    return join_text(listed, language)


def _value(quote: QuoteOut) -> Decimal:
    return sum((Decimal(item.customs_value_amount or 0) for item in quote.goods_items), Decimal(0))


def _burden_ppm(quote: QuoteOut) -> int | None:
    value = _value(quote)
    if not value:
        return None
    charges = _charges(quote, ("border", "sale"))
    total = sum((amount for _, currency, amount in charges if currency == quote.currency_code), Decimal(0))
    return int(total * PPM / value)


def _bar(one: CountryAnswer, quote: QuoteOut | None, longest: int, language: str) -> BarRow:
    words = interface_words(language)
    segments: list[Segment] = []
    if quote is not None and one.burden_ppm and longest:
        value, before = _value(quote), 0
        for part in ("duty", "tax", "fee"):
            amount = sum(
                (
                    amount
                    for kind, currency, amount in _charges(quote, ("border", "sale"))
                    if kind == part and currency == quote.currency_code
                ),
                Decimal(0),
            )
            width = int(amount * PPM / value) * WIDTH // longest
            if amount:
                segments.append(Segment(part, before, max(2, width)))
            before += width
    notes = [one.burden] if one.burden and one.to_pay else []
    notes += [words.gettext("assumed rates")] if one.state == "assumed" else []
    notes += [words.gettext(WAY_WORDS[one.way])] if one.is_other_way else []
    text = words.gettext("not known") if one.state == "unknown" else one.to_pay or words.gettext("nothing")
    return BarRow(one.name, one.alone, segments, text, ", ".join(notes))
