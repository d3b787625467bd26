"""The figures of the page: one dress into every country, prices up to a limit, a sample of invented parcels.

All by `serai.laboratory.compare`: the one calculation, with its invented rates of exchange and of duty.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from serai.laboratory.compare.assumed_rates import HOME_OF_SUMS
from serai.laboratory.compare.measuring import PPM, Outcome, RegimeFigures, in_currency, measure
from serai.laboratory.compare.parcels import Parcels, invent, read_parcels
from serai.laboratory.compare.regimes import Regime, book_of_regime, find_countries, find_regimes
from serai.law.book import LawBook
from serai.law.library import PackFiles
from serai.law.vocabulary import WORDS
from serai.model.documents import Consignment, GoodsItem, Person

SAMPLE_COUNT: Final = 3_000
SEED: Final = 1
CHANNEL: Final = "post"
DRESS_PRICE_MINOR: Final = 3_000
DRESS_CODE: Final = "62044300"
ORIGIN: Final = "CN"
PRICE_STEP_MINOR: Final = 250
PRICES_MINOR: Final = tuple(range(PRICE_STEP_MINOR, 30_000 + 1, PRICE_STEP_MINOR))
"""Prices of one dress along which limits are looked for, euro cents."""


class Charged(msgspec.Struct, frozen=True):
    """What is charged on a parcel or many, in euro cents; excise counts as tax."""

    duty_minor: int
    tax_minor: int
    fee_minor: int

    @property
    def total_minor(self) -> int:
        """All of it."""
        return self.duty_minor + self.tax_minor + self.fee_minor


class CountryCost(msgspec.Struct, frozen=True):
    """One dress into one country. charged: None where the law does not say everything; missing says what.

    law: code of the base. is_assumed_tariff: a line of a tariff is invented.
    """

    country_code: str
    law: str
    title: str
    logistics_channel_code: str
    currency: str
    charged: Charged | None
    is_assumed_tariff: bool
    missing: list[str]


class RegimeCurve(msgspec.Struct, frozen=True):
    """Under one law, what is charged on a dress of each price of PRICES_MINOR, euro cents; None: undecided.

    free_up_to_minor: the highest of the prices up to which nothing is charged; 0: charged from the first.
    """

    law: str
    title: str
    country_code: str
    jurisdiction: str
    channel_codes: list[str]
    totals_minor: list[int | None]

    @property
    def free_up_to_minor(self) -> int:
        """The highest price up to which nothing is charged."""
        free = 0
        for price, total in zip(PRICES_MINOR, self.totals_minor, strict=True):
            if total != 0:
                break
            free = price
        return free


class RegimeShare(msgspec.Struct, frozen=True):
    """One law on the whole sample. free_ppm: parcels on which nothing at all is charged."""

    figures: RegimeFigures
    jurisdiction: str
    channel_codes: list[str]
    free_ppm: int


class World(msgspec.Struct, frozen=True):
    """All figures of the page. generation: of the law; on: the day; parcels_count: compared, of SAMPLE_COUNT
    that were invented from the seed.
    """

    generation: int
    on: dt.date
    seed: int
    parcels_count: int
    countries: list[CountryCost]
    curves: list[RegimeCurve]
    shares: list[RegimeShare]


def compare_world(files: PackFiles, book: LawBook, on: dt.date, generation: int) -> World:
    """Compute the page's figures for a day. book: reads the parcels. Raises LawPackError."""
    at = dt.datetime.combine(on, dt.time(12), dt.UTC)
    at_ms = int(at.timestamp() * 1000)
    dress = read_parcels([_dress(DRESS_PRICE_MINOR, at)], book, at_ms)
    dresses = read_parcels([_dress(price, at) for price in PRICES_MINOR], book, at_ms)
    sample = read_parcels(invent(SAMPLE_COUNT, SEED, at), book, at_ms)
    regimes = [one for one in find_regimes(files, on, with_drafts=False) if _governs(one, on)]
    countries = find_countries(files, on, logistics_channel_code=CHANNEL)
    measured = [_measure_regime(regime, files, dresses, sample) for regime in regimes]
    return World(
        generation,
        on,
        SEED,
        sample.count,
        [_cost(regime, files, dress) for regime in countries],
        [curve for curve, _ in measured],
        [share for _, share in measured],
    )


def _governs(regime: Regime, on: dt.date) -> bool:
    """Say whether a law is in force on the day, for parcels: procedures of their own are no purchase."""
    return regime.on == on and regime.procedure_code == _FREE_CIRCULATION


_FREE_CIRCULATION: Final = "40"
_MAIL: Final = "5"


def _dress(price_minor: int, at: dt.datetime) -> Consignment:
    moment = at.isoformat()
    item = GoodsItem(
        sequence_number=1,
        commodity_code=DRESS_CODE,
        description="woven dress of synthetic fibres, size M",
        quantity="1",
        invoice_amount=f"{price_minor // 100}.{price_minor % 100:02d}",
        invoice_currency_code=HOME_OF_SUMS,
        origin_country_code=ORIGIN,
        gross_mass_kg="0.400",
    )
    return Consignment(
        reference=f"DRESS-{price_minor}",
        goods_items=[item],
        consignor=Person(name="Invented seller", country_code=ORIGIN, street="-", city="-"),
        consignee=Person(name="Invented buyer", country_code="DE", street="-", city="-", postcode="10115"),
        logistics_channel_code=CHANNEL,
        transport_mode_code=_MAIL,
        sale_nature_code="B2C",
        dispatch_country_code=ORIGIN,
        purchased_at=moment,
        paid_at=moment,
        accepted_at=moment,
        expected_arrival_at=moment,
    )


def _cost(regime: Regime, files: PackFiles, dress: Parcels) -> CountryCost:
    book = book_of_regime(regime, files)
    figures, outcome = measure(regime, book, dress)
    return CountryCost(
        regime.territory.country_code,
        regime.code,
        regime.title,
        regime.channel_codes[0] if regime.channel_codes and CHANNEL not in regime.channel_codes else CHANNEL,
        figures.currency,
        Charged(figures.duty_eur_minor, figures.tax_eur_minor, figures.fee_eur_minor)
        if outcome.is_decided[0]
        else None,
        bool(outcome.is_invented_tariff[0]),
        [_meaning(one.partition(" ")[2], book) for one in figures.missing],
    )


def _meaning(word: str, book: LawBook) -> str:
    """Return what a word means that the law lacks or the parcel does not say."""
    for one in book.packs.values():
        for parameter in one.pack.parameters:
            if parameter.name == word:
                return parameter.meaning
    return WORDS[word].meaning if word in WORDS else word


def _measure_regime(
    regime: Regime, files: PackFiles, dresses: Parcels, sample: Parcels
) -> tuple[RegimeCurve, RegimeShare]:
    book = book_of_regime(regime, files)
    jurisdiction = book.packs[regime.code].pack.jurisdiction
    figures, along = measure(regime, book, dresses)
    curve = RegimeCurve(
        regime.code,
        regime.title,
        regime.territory.country_code,
        jurisdiction,
        list(regime.channel_codes),
        list(_totals_in_eur(along, figures.currency)),
    )
    figures, outcome = measure(regime, book, sample)
    free = outcome.is_decided & (outcome.total_minor == 0)
    share = RegimeShare(
        figures,
        jurisdiction,
        list(regime.channel_codes),
        int(np.count_nonzero(free)) * PPM // max(1, len(free)),
    )
    return curve, share


def _totals_in_eur(outcome: Outcome, currency: str) -> Iterator[int | None]:
    totals = in_currency(outcome.total_minor, currency, HOME_OF_SUMS)
    for total, is_decided in zip(totals.tolist(), outcome.is_decided.tolist(), strict=True):
        yield total if is_decided else None
