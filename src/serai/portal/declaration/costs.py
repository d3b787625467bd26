"""What the buyer will pay for the parcel as declared, by the one calculation: price + charges = you pay."""

import asyncio
from decimal import Decimal
from typing import Any, Final

import msgspec

from serai.explanation.consignment import explain_consignment
from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.problems import InputFaultyError
from serai.foundation.locales import number_text
from serai.journey.quotes.answer import QuoteOut
from serai.journey.quotes.question import Question
from serai.journey.quotes.request import QuoteRequest, complete
from serai.journey.quotes.service import QuoteService
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.money import PLACES
from serai.portal.case.view import BillLine, bill_of
from serai.portal.declaration.form import DeclarationForm, decimal_of

_NOT_ASKED: Final = frozenset(
    {"amends_version", "amendment_reason", "reference", "house_document", "declarant", "representative"}
)
"""Fields that no price hangs on."""


class Costs(msgspec.Struct, frozen=True):
    """What it costs. price, charges, total: sums in words, each currency apart. lines: every charge. lacking:
    why it is not known in full. law: title of the law.
    """

    price: str
    charges: str
    total: str
    lines: list[BillLine]
    lacking: list[str]
    law: str


async def find_costs(
    quotes: QuoteService, document: Consignment, form: DeclarationForm, language: str
) -> Costs | None:
    """Return what the parcel costs; None where that cannot be said now."""
    try:
        question = _question(quotes, document, language)
        quote = await quotes.ask(question)
        explanation = await asyncio.to_thread(_explain, quotes, question)
    except (InputFaultyError, msgspec.ValidationError):
        return None
    except SeraiError as fault:
        if fault.code not in ("busy", "database-unreachable"):
            raise
        return None
    lines = [
        line
        for line in bill_of(msgspec.to_builtins(quote), explanation, language)
        if not line.is_claim and not line.is_waived
    ]
    return _costs(form, quote, lines, [pack.title for pack in explanation.packs[:1]], language)


def _question(quotes: QuoteService, document: Consignment, language: str) -> Question:
    plain: dict[str, Any] = msgspec.to_builtins(document)
    asked = {name: value for name, value in plain.items() if name not in _NOT_ASKED}
    request = msgspec.convert(asked | {"is_signed": False}, QuoteRequest)
    return Question(*complete(request, quotes.at, language), language)


def _explain(quotes: QuoteService, question: Question) -> Any:
    return explain_consignment(quotes.work_out(question), 0, language=question.language)


def _costs(
    form: DeclarationForm, quote: QuoteOut, lines: list[BillLine], titles: list[str], language: str
) -> Costs:
    price = {form.currency: _price(form)}
    charges: dict[str, Decimal] = {}
    if quote.totals is not None and quote.currency_code:
        charges[quote.currency_code] = Decimal(quote.totals.due_at_border_amount) + Decimal(
            quote.totals.due_at_sale_amount
        )
    total = dict(price)
    for currency, amount in charges.items():
        total[currency] = total.get(currency, Decimal(0)) + amount
    nothing = interface_words(language).gettext("Nothing")
    return Costs(
        price=_sums(price, language),
        charges=_sums(charges, language) or nothing,
        total=_sums(total, language),
        lines=lines,
        lacking=[f"{one.sentence} {one.remedy}" for one in quote.missing],
        law="; ".join(titles),
    )


def _price(form: DeclarationForm) -> Decimal:
    prices = [Decimal(decimal_of(item.price)) for item in form.items]
    return sum(prices, Decimal(decimal_of(form.postage) or 0))


def _sums(sums: dict[str, Decimal], language: str) -> str:
    return " + ".join(
        f"{currency}\u00a0{number_text(amount, language, places=PLACES.get(currency, 2))}"
        for currency, amount in sums.items()
        if amount
    )
