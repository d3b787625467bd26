"""What a quote takes for granted beside the request: published rates of exchange, allowances not drawn yet,
no other parcel of the day.
"""

from fractions import Fraction

from serai.journey.assessment.rules import GovernedRun
from serai.journey.quotes.answer import RateUsed
from serai.journey.quotes.request import Assumption, texts
from serai.law.pack import Conversion
from serai.law.program import Program
from serai.law.run import LawRun
from serai.law.tariff import day_of
from serai.model.documents import Consignment
from serai.model.money import PLACES, render_exact


def find_rates(governed: GovernedRun, place: int, document: Consignment) -> list[RateUsed]:
    """Return the published rates one consignment's amounts were converted at, each once.

    place: of the consignment among those the law governs. Currencies: of its prices and charges, and those
    the law states its own amounts in.
    """
    run = governed.run
    stated = {item.invoice_currency_code for item in document.goods_items}
    if document.charges_currency_code:
        stated.add(document.charges_currency_code)
    conversions = run.program.base.conversions
    pairs = [(one, currency) for one in conversions for currency in sorted(stated)]
    pairs += [(conversions[0], one) for one in sorted(_currencies_of(run.program) - stated) if conversions]
    found = (_rate(run, conversion, currency, place) for conversion, currency in pairs)
    return list(dict.fromkeys(one for one in found if one is not None))


def assume_surroundings(program: Program, rates: list[RateUsed], language: str) -> list[Assumption]:
    """Return what this law asks of the world around a parcel and a quote cannot know."""
    said = texts(language)
    assumed = [Assumption("rate", said["rate"].format(**_words_of(one))) for one in rates]
    assumed += [
        Assumption("allowance", said["allowance"].format(pack=pack.code))
        for pack in program.packs
        if pack.allowance is not None
    ]
    assumed += [
        Assumption("same_day", said["same_day"].format(pack=pack.code))
        for pack in program.packs
        if pack.aggregation is not None
    ]
    return assumed


def _rate(run: LawRun, conversion: Conversion, currency: str, place: int) -> RateUsed | None:
    if currency == run.program.currency or currency not in PLACES:
        return None
    days = run.moment_days(conversion.moment, conversion.fallback_moment)
    if days.known is not None and not days.known[place]:
        return None
    day = int(days.data[place])
    rate = run.reference.exchange.find(conversion.table, currency, day)
    if rate is None or rate.home != run.program.currency:
        return None
    return RateUsed(
        rate.table,
        rate.home,
        rate.currency,
        rate.numerator,
        rate.denominator,
        rate.direction,
        day_of(day),
        rate.valid_from,
    )


def _currencies_of(program: Program) -> set[str]:
    """Return the foreign currencies in which a law states amounts of its own."""
    stated = {parameter.currency for parameter, _ in program.parameters.values()}
    return {one for one in stated if one is not None and one != program.currency}


def _words_of(rate: RateUsed) -> dict[str, object]:
    one, other = (
        (rate.home, rate.currency) if rate.direction == "foreign_per_home" else (rate.currency, rate.home)
    )
    return {
        "one": one,
        "other": other,
        "amount": render_exact(Fraction(rate.numerator, rate.denominator)),
        "table": rate.table,
        "day": f"{rate.on:%d %B %Y}",
    }
