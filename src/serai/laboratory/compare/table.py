"""What the comparison shows of each law, for people: amounts with their currency, shares in percent."""

from serai.laboratory.compare.assumed_rates import HOME_OF_SUMS
from serai.laboratory.compare.measuring import PPM, RegimeFigures
from serai.law.book import NOT_LAW
from serai.model.money import PLACES

COLUMNS = (
    "law",
    "on",
    "to",
    "duty free",
    "tax free",
    "duty",
    "tax",
    "fee",
    "median of value",
    "assumed",
    "invented tariff",
    "undecided",
)
"""Of the table; `assumed` is the share that rests on anything invented or is undecided."""


def row_of(figures: RegimeFigures) -> dict[str, str | list[str]]:
    """Return the cells of one law's row; behind the code stands a status other than in force, of the law or
    else of layers over it.
    """
    currency = figures.currency
    mark = "" if figures.status == "in_force" else f" ({figures.status})"
    if figures.layers_not_law and figures.status not in NOT_LAW:
        mark += f" with {', '.join(figures.layers_not_law)} (not in force)"
    return {
        "law": figures.code + mark,
        "on": figures.on,
        "to": figures.country_code,
        "duty free": percent(figures.duty_free_ppm),
        "tax free": percent(figures.tax_free_ppm),
        "duty": amounts(figures.duty_minor, figures.duty_eur_minor, currency),
        "tax": amounts(figures.tax_minor, figures.tax_eur_minor, currency),
        "fee": amounts(figures.fee_minor, figures.fee_eur_minor, currency),
        "median of value": percent(figures.median_burden_ppm),
        "assumed": percent(figures.assumed_ppm),
        "invented tariff": percent(figures.invented_tariff_ppm),
        "undecided": percent(figures.undecided_ppm),
    }


def amounts(minor: int, eur_minor: int, currency: str) -> list[str]:
    """Write a sum in the law's currency and, where that is another, in euro."""
    own = whole_units(minor, currency)
    return [own] if currency == HOME_OF_SUMS else [own, whole_units(eur_minor, HOME_OF_SUMS)]


def percent(ppm: int) -> str:
    """Write parts per million as a percentage with one place, cut down: nothing becomes 100 by rounding."""
    tenths = ppm * 1_000 // PPM
    return f"{tenths // 10}.{tenths % 10} %"


def whole_units(minor: int, currency: str) -> str:
    """Write a sum in whole units of a currency, half up."""
    unit: int = 10 ** PLACES[currency]
    return f"{currency} {(2 * minor + unit) // (2 * unit):,}"
