"""One law on all parcels: assessed in columns by the one calculation, then summed."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from serai.journey.assess.rules import Assessment, assess
from serai.laboratory.compare.assumed_rates import HOME_OF_SUMS, IN_EUR, OTHER_RATES_PPM, SOURCE
from serai.laboratory.compare.parcels import Chunk, Parcels, send_to
from serai.laboratory.compare.regimes import Regime
from serai.law.book import LawBook
from serai.model.columns import Flags, Int64s

PPM = 1_000_000
KINDS = ("duty", "tax", "excise", "fee")
_CURRENCY_OF_GOODS = "invoice_currency_code"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each parcel under one law, a row each. Amounts in minor units of the law's currency.

    is_decided: the law could say everything. is_invented_rate: a rate of exchange was needed, and all are
    invented. is_invented_tariff: an invented line of a tariff was used.
    """

    value_minor: Int64s
    charged_minor: dict[str, Int64s]
    is_decided: Flags
    is_invented_rate: Flags
    is_invented_tariff: Flags

    @property
    def total_minor(self) -> Int64s:
        """Return all that is charged on each parcel."""
        total: Int64s = np.sum([self.charged_minor[kind] for kind in KINDS], axis=0, dtype=np.int64)
        return total


@dataclass(slots=True)
class RegimeFigures:
    """One law's row. Shares in ppm; sums in minor units. layers_not_law: layers that are planned or a draft.

    undecided_ppm: of all parcels, those of which the law does not say everything (`missing` counts findings
    by code and word); they are in no other figure. free of duty, of tax: nothing of that kind is charged.
    median_burden_ppm: all charges of a parcel by the value of its goods. assumed_ppm: of all parcels, those
    whose result rests on an invented rate of exchange, an invented line of a tariff, or is undecided.
    """

    code: str
    title: str
    status: str
    confidence: str
    on: str
    country_code: str
    currency: str
    parcels: int
    duty_free_ppm: int
    tax_free_ppm: int
    duty_minor: int
    tax_minor: int
    fee_minor: int
    value_eur_minor: int
    duty_eur_minor: int
    tax_eur_minor: int
    fee_eur_minor: int
    median_burden_ppm: int
    assumed_ppm: int
    invented_exchange_ppm: int
    invented_tariff_ppm: int
    undecided_ppm: int
    layers: list[str] = field(default_factory=list)
    layers_not_law: list[str] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)


def measure(regime: Regime, book: LawBook, parcels: Parcels) -> tuple[RegimeFigures, Outcome]:
    """Send all parcels under a law; return its row and what became of each parcel."""
    missing: Counter[str] = Counter()
    parts = []
    currency = HOME_OF_SUMS
    for chunk in parcels.chunks:
        sent = send_to(chunk, regime)
        assessed = assess(sent.consignments, sent.items, sent.first_items, book)
        currency = book.programs[0].currency if book.programs else currency
        parts.append(_outcome(sent, assessed, book, currency))
        missing.update(_missing(assessed))
    outcome = _join(parts)
    return _figures(regime, currency, outcome, missing), outcome


def in_currency(amount_minor: Int64s, source: str, target: str) -> Int64s:
    """Convert minor units at the invented rates, half up. Amounts are at least 0."""
    if source == target:
        return amount_minor
    # By whole units of the denominator first, so that no product leaves 64 bits.
    numerator, denominator = IN_EUR[source], IN_EUR[target]
    whole = amount_minor // denominator
    rest = amount_minor - whole * denominator
    converted: Int64s = whole * numerator + (2 * rest * numerator + denominator) // (2 * denominator)
    return converted


def _outcome(sent: Chunk, assessed: Assessment, book: LawBook, currency: str) -> Outcome:
    count = sent.consignments.row_count
    is_decided = np.ones(count, dtype=np.bool_)
    is_decided[assessed.findings.numbers("consignment")] = False
    goods = sent.items.words(_CURRENCY_OF_GOODS)
    is_foreign = np.zeros(count, dtype=np.bool_)
    is_foreign[sent.items.numbers("owner")[goods.map_flags([word != currency for word in goods.words])]] = (
        True
    )
    value = np.zeros(count, dtype=np.int64)
    for governed in assessed.runs:
        line_value = governed.run.read("line_value")
        np.add.at(value, sent.items.numbers("owner")[governed.item_rows], np.maximum(line_value.numbers, 0))
    return Outcome(
        value,
        _charged(assessed, currency, count),
        is_decided,
        is_foreign,
        _rests_on_invented_tariff(assessed, book, count),
    )


def _charged(assessed: Assessment, currency: str, count: int) -> dict[str, Int64s]:
    """Sum charges by kind; what a layer charges in a currency of its own is converted."""
    charges = assessed.charges
    kind, stated = charges.words("kind_code"), charges.words("currency_code")
    amount = charges.numbers("amount_minor").copy()
    for word in stated.words:
        rows = stated.map_flags([one == word for one in stated.words])
        amount[rows] = in_currency(amount[rows], word, currency)
    amount[charges.flags("is_waived")] = 0
    sums = {}
    for name in KINDS:
        rows = kind.map_flags([word == name for word in kind.words])
        sums[name] = np.zeros(count, dtype=np.int64)
        np.add.at(sums[name], charges.numbers("consignment")[rows], amount[rows])
    return sums


def _rests_on_invented_tariff(assessed: Assessment, book: LawBook, count: int) -> Flags:
    """Say which parcels have an item whose tariff line is invented: of duty, where a duty is charged, of any
    amount; of another measure, where the law asks for it at all.
    """
    tariff = book.reference.tariff.lines
    is_invented = np.array([*(line.source == SOURCE for line in tariff), False], dtype=np.bool_)
    charges = assessed.charges
    kind, charged = charges.words("kind_code"), charges.numbers("item")
    has_duty = np.zeros(assessed.items.row_count + 1, dtype=np.bool_)
    has_duty[charged[kind.map_flags([word == "duty" for word in kind.words])]] = True
    rests = np.zeros(count, dtype=np.bool_)
    owners = assessed.items.numbers("owner")
    for governed in assessed.runs:
        rows = governed.item_rows
        for measure in ("duty", *OTHER_RATES_PPM):
            for is_preference_open in (True, False):
                found = governed.run.values.get(f"__lines_{measure}_{is_preference_open}")
                if found is None:
                    continue
                holds = is_invented[np.maximum(found.numbers, -1)]
                if measure == "duty":
                    holds = holds & has_duty[:-1][rows]
                rests[owners[rows[holds]]] = True
    return rests


def _missing(assessed: Assessment) -> Counter[str]:
    """Count the parcels of each finding by code and the word that was not known."""
    found = assessed.findings
    codes, words = found.words("code"), found.words("word")
    width = len(words.words) + 1
    key = codes.codes.astype(np.int64) * width + words.codes + 1
    pairs = np.unique(np.stack([key, found.numbers("consignment")]), axis=1)
    keys, counts = np.unique(pairs[0], return_counts=True)
    return Counter(
        {
            f"{codes.words[one // width]} {words.words[one % width - 1] if one % width else ''}".strip(): int(
                n
            )
            for one, n in zip(keys.tolist(), counts.tolist(), strict=True)
        }
    )


def _join(parts: list[Outcome]) -> Outcome:
    def rows(name: str) -> Int64s:
        return np.concatenate([getattr(part, name) for part in parts])

    charged = {kind: np.concatenate([part.charged_minor[kind] for part in parts]) for kind in KINDS}
    return Outcome(
        rows("value_minor"),
        charged,
        rows("is_decided").astype(np.bool_),
        rows("is_invented_rate").astype(np.bool_),
        rows("is_invented_tariff").astype(np.bool_),
    )


def _figures(regime: Regime, currency: str, outcome: Outcome, missing: Counter[str]) -> RegimeFigures:
    decided = outcome.is_decided
    count = len(decided)
    # Excise is tax on consumption: beside the tax of the law in the sums.
    duty = outcome.charged_minor["duty"][decided]
    tax = (outcome.charged_minor["tax"] + outcome.charged_minor["excise"])[decided]
    fee = outcome.charged_minor["fee"][decided]
    value = outcome.value_minor[decided]
    has_value = value > 0
    burden = outcome.total_minor[decided][has_value] * PPM // value[has_value]
    assumed = outcome.is_invented_rate | outcome.is_invented_tariff | ~decided
    duty_minor, tax_minor, fee_minor, value_minor = (int(one.sum()) for one in (duty, tax, fee, value))
    return RegimeFigures(
        code=regime.code,
        title=regime.title,
        status=regime.status,
        confidence=regime.confidence,
        on=regime.on.isoformat(),
        country_code=regime.territory.country_code,
        currency=currency,
        parcels=count,
        duty_free_ppm=_ppm(duty == 0),
        tax_free_ppm=_ppm(tax == 0),
        duty_minor=duty_minor,
        tax_minor=tax_minor,
        fee_minor=fee_minor,
        value_eur_minor=_sum_in_eur(value_minor, currency),
        duty_eur_minor=_sum_in_eur(duty_minor, currency),
        tax_eur_minor=_sum_in_eur(tax_minor, currency),
        fee_eur_minor=_sum_in_eur(fee_minor, currency),
        median_burden_ppm=int(np.median(burden)) if len(burden) else 0,
        assumed_ppm=_ppm(assumed),
        invented_exchange_ppm=_ppm(outcome.is_invented_rate),
        invented_tariff_ppm=_ppm(outcome.is_invented_tariff),
        undecided_ppm=_ppm(~decided),
        layers=list(regime.codes[1:]),
        layers_not_law=list(regime.layers_not_law),
        missing=dict(missing.most_common()),
    )


def _sum_in_eur(minor: int, currency: str) -> int:
    numerator, denominator = IN_EUR[currency], IN_EUR[HOME_OF_SUMS]
    return (2 * minor * numerator + denominator) // (2 * denominator)


def _ppm(flags: Flags) -> int:
    return int(flags.sum()) * PPM // len(flags) if len(flags) else 0


__all__ = ["KINDS", "Outcome", "RegimeFigures", "in_currency", "measure"]
