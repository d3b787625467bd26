"""One law on all parcels: assessed in columns by the one calculation, then summed."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from serai.journey.assessment.rules import Assessment, assess
from serai.laboratory.compare.assumed_rates import HOME_OF_SUMS, IN_EUR, OTHER_RATES_PPM, SOURCE
from serai.laboratory.compare.parcels import Chunk, Parcels, send_to
from serai.laboratory.compare.regimes import Regime
from serai.law.book import LawBook
from serai.law.program import Program
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
    parts: list[Outcome] = []
    figures = sum_up(regime, book, parcels, parts.append)
    return figures, _join(parts)


def sum_up(
    regime: Regime, book: LawBook, parcels: Parcels, see: Callable[[Outcome], object] = lambda _: None
) -> RegimeFigures:
    """Send all parcels under a law, a chunk at a time; return its row.

    see: is handed what became of each chunk's parcels. Kept of a parcel is one number, its burden.
    """
    sums = _Sums()
    currency = HOME_OF_SUMS
    is_invented = invented_lines(book)
    for chunk in parcels.chunks:
        sent = send_to(chunk, regime)
        assessed = assess(sent.consignments, sent.items, sent.first_items, book)
        currency = book.programs[0].currency if book.programs else currency
        outcome = _outcome(sent, assessed, is_invented, currency)
        sums.add(outcome)
        sums.missing.update(count_missing(assessed))
        see(outcome)
    return _figures(regime, currency, sums)


@dataclass(slots=True)
class _Sums:
    """What is kept of the parcels gone through. minor: sums by name. burdens: ppm, of those of some value."""

    parcels: int = 0
    undecided: int = 0
    duty_free: int = 0
    tax_free: int = 0
    assumed: int = 0
    invented_exchange: int = 0
    invented_tariff: int = 0
    minor: Counter[str] = field(default_factory=Counter)
    burdens: list[Int64s] = field(default_factory=list)
    missing: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Add some parcels. What the law does not decide is in no sum."""
        decided = outcome.is_decided
        # Excise is tax on consumption: beside the tax of the law in the sums.
        duty = outcome.charged_minor["duty"][decided]
        tax = (outcome.charged_minor["tax"] + outcome.charged_minor["excise"])[decided]
        value = outcome.value_minor[decided]
        self.parcels += len(decided)
        self.undecided += _count(~decided)
        self.duty_free += _count(duty == 0)
        self.tax_free += _count(tax == 0)
        self.assumed += _count(outcome.is_invented_rate | outcome.is_invented_tariff | ~decided)
        self.invented_exchange += _count(outcome.is_invented_rate)
        self.invented_tariff += _count(outcome.is_invented_tariff)
        fee = outcome.charged_minor["fee"][decided]
        for name, column in (("duty", duty), ("tax", tax), ("fee", fee), ("value", value)):
            self.minor[name] += int(column.sum())
        has_value = value > 0
        self.burdens.append(outcome.total_minor[decided][has_value] * PPM // value[has_value])


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


def _outcome(sent: Chunk, assessed: Assessment, is_invented: Flags, currency: str) -> Outcome:
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
        rests_on_invented_tariff(assessed, is_invented, count),
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


def invented_lines(book: LawBook) -> Flags:
    """Say which lines of a book's tariff are invented; of none, at the end, that it is not."""
    return np.array([*(line.source == SOURCE for line in book.reference.tariff.lines), False])


def rests_on_invented_tariff(assessed: Assessment, is_invented: Flags, count: int) -> Flags:
    """Say which parcels have an item whose tariff line is invented: of duty, where a duty by the tariff is
    charged, of any amount; of another measure, where the law asks for it at all.

    is_invented: of each line, as `invented_lines` says.
    """
    has_duty = _has_duty_by_tariff(assessed)
    rests = np.zeros(count, dtype=np.bool_)
    owners = assessed.items.numbers("owner")
    for governed in assessed.runs:
        rows = governed.item_rows
        for measure in ("duty", *OTHER_RATES_PPM):
            for is_preference_open in (True, False):
                found = governed.run.recorded().get(f"__lines_{measure}_{is_preference_open}")
                if found is None:
                    continue
                holds = is_invented[np.maximum(found.numbers, -1)]
                if measure == "duty":
                    holds = holds & has_duty[rows]
                rests[owners[rows[holds]]] = True
    return rests


def _has_duty_by_tariff(assessed: Assessment) -> Flags:
    """Say on which items a duty falls that is computed from their tariff line; a flat amount is not."""
    has_duty = np.zeros(assessed.items.row_count, dtype=np.bool_)
    for governed in assessed.runs:
        for charged in governed.run.charges:
            charge = charged.charge
            parts = [part for part in (charge.base, charge.rate, charge.amount) if part is not None]
            is_by_tariff = any(_rests_on_tariff(governed.run.program, part.names) for part in parts)
            if charge.charge.kind == "duty" and charge.charge.level == "item" and is_by_tariff:
                has_duty[governed.item_rows[charged.rows]] = True
    return has_duty


_OF_TARIFF = frozenset({"duty_rate", "third_country_duty_rate"})


def _rests_on_tariff(program: Program, names: Sequence[str]) -> bool:
    waiting, seen = list(names), set(names)
    while waiting:
        name = waiting.pop()
        if name in _OF_TARIFF:
            return True
        fresh = set(program.rests_on.get(name, ())) - seen
        seen |= fresh
        waiting.extend(fresh)
    return False


def count_missing(assessed: Assessment, among: Flags | None = None) -> Counter[str]:
    """Count the parcels of each finding by code and the word that was not known. among: these; None: all."""
    found = assessed.findings
    if among is not None:
        found = found.take(np.flatnonzero(among[found.numbers("consignment")]))
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


def _figures(regime: Regime, currency: str, sums: _Sums) -> RegimeFigures:
    decided = sums.parcels - sums.undecided
    burdens = np.concatenate(sums.burdens) if sums.burdens else np.zeros(0, dtype=np.int64)
    minor = sums.minor
    return RegimeFigures(
        code=regime.code,
        title=regime.title,
        status=regime.status,
        confidence=regime.confidence,
        on=regime.on.isoformat(),
        country_code=regime.territory.country_code,
        currency=currency,
        parcels=sums.parcels,
        duty_free_ppm=_ppm(sums.duty_free, decided),
        tax_free_ppm=_ppm(sums.tax_free, decided),
        duty_minor=minor["duty"],
        tax_minor=minor["tax"],
        fee_minor=minor["fee"],
        value_eur_minor=_sum_in_eur(minor["value"], currency),
        duty_eur_minor=_sum_in_eur(minor["duty"], currency),
        tax_eur_minor=_sum_in_eur(minor["tax"], currency),
        fee_eur_minor=_sum_in_eur(minor["fee"], currency),
        median_burden_ppm=int(np.median(burdens)) if len(burdens) else 0,
        assumed_ppm=_ppm(sums.assumed, sums.parcels),
        invented_exchange_ppm=_ppm(sums.invented_exchange, sums.parcels),
        invented_tariff_ppm=_ppm(sums.invented_tariff, sums.parcels),
        undecided_ppm=_ppm(sums.undecided, sums.parcels),
        layers=list(regime.codes[1:]),
        layers_not_law=list(regime.layers_not_law),
        missing=dict(sums.missing.most_common()),
    )


def _sum_in_eur(minor: int, currency: str) -> int:
    numerator, denominator = IN_EUR[currency], IN_EUR[HOME_OF_SUMS]
    return (2 * minor * numerator + denominator) // (2 * denominator)


def _ppm(part: int, whole: int) -> int:
    return part * PPM // whole if whole else 0


def _count(flags: Flags) -> int:
    return int(np.count_nonzero(flags))


__all__ = [
    "KINDS",
    "Outcome",
    "RegimeFigures",
    "count_missing",
    "in_currency",
    "invented_lines",
    "measure",
    "rests_on_invented_tariff",
    "sum_up",
]
