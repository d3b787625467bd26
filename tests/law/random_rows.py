"""Random rows for any law: codes from its own expressions, lists and keys, amounts about its own limits, and
every column absent now and then.
"""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlglot
from sqlglot import exp

from serai.law.book import LawBook
from serai.law.exchange import ExchangeRate
from serai.law.plain import PlainFrame
from serai.law.program import Program
from serai.law.rows import Reference
from serai.law.run import LawRun
from serai.law.small_batch import SmallBatchRun
from serai.law.tariff import TariffLine, day_number
from serai.model.columns import Column, Frame, encode_words
from serai.model.frames import ABSENT, CONSIGNMENTS, GOODS_ITEMS
from serai.model.money import MICRO, PLACES

DAY_MS = 86_400_000
EVER = dt.date(2000, 1, 1)
_STAGES = ("validation", "matching", "screening")
FOREIGN = ("USD", "JPY", "CNY", "BHD")
_WORDS: dict[str, Sequence[str | None]] = {
    "time_zone": ("Europe/Berlin", "Asia/Tokyo", "America/New_York", "Australia/Sydney", None),
    "description": ("shirt", "cotton shirt", "toy", "part"),
}
_NUMBERS = {
    "quantity_micro": (MICRO, 2 * MICRO, 3 * MICRO, 7 * MICRO, 100 * MICRO, MICRO // 2),
    "_g": (0, 1, 250, 999, 1_000, 1_001, 30_000, 31_000, 2_000_000),
    "declaration_line_number": (ABSENT, ABSENT, 1, 1, 2),
}


class Pools:
    """What a program's expressions compare its words with."""

    def __init__(self, program: Program, reference: Reference) -> None:
        self.program, self.reference = program, reference
        self.words: dict[str, list[str]] = defaultdict(list)
        self.amounts: list[int] = [0, 1, 99, 100]
        self.days: list[int] = []
        for text in _texts_of(program):
            self._read(text, program)
        for parameter, _ in program.parameters.values():
            for value in parameter.values:
                self.days += [day_number(value.valid_from)]
                if value.key is not None:
                    self.words[str(parameter.by or parameter.by_prefix)].append(value.key)
                if parameter.kind == "money" and isinstance(value.value, int):
                    self.amounts.append(value.value)
        lines = reference.tariff.lines
        self.words["commodity_code"] += [line.commodity_prefix for line in lines]
        self.words["origin_country_code"] += ["CN", *(one for line in lines for one in line.origin_codes)]
        self.words["origin_country_code"] += [line.origin_code for line in lines if line.origin_code]
        self.words["preference_code"] += [line.preference_code for line in lines if line.preference_code]
        for name in ("customs_territory_code", "tax_territory_code"):
            self.words[name] += sorted({line.territory_code for line in lines if line.territory_code})
        conversions = {one.table for one in program.base.conversions}
        of_tables = {rate.currency for rate in reference.exchange.rates() if rate.table in conversions}
        self.currencies = [*[program.currency] * 8, *sorted(of_tables)[:6], *FOREIGN, "XXX"]
        self.days += [day_number(pack.valid_from) for pack in program.packs]
        self.first_day = max(day_number(pack.valid_from) for pack in program.packs)
        self.last_day = min(day_number(pack.valid_to) for pack in program.packs) - 1
        self.days += [day_number(rate.valid_from) for rate in reference.exchange.rates()[-40:]]

    def _read(self, text: str, program: Program) -> None:
        for node in sqlglot.parse_one(text, dialect="postgres").walk():
            columns = [one.name for one in node.iter_expressions() if isinstance(one, exp.Column)]
            found = [
                one.this for one in node.iter_expressions() if isinstance(one, exp.Literal) and one.is_string
            ]
            for name in columns:
                lists = [list(program.code_lists.get(one, ())) for one in columns]
                lists += [
                    value.value
                    for one in columns
                    if one in program.parameters
                    for value in program.parameters[one][0].values
                    if isinstance(value.value, list)
                ]
                self.words[name] += [*found, *(word for words in lists for word in words)]


def invented_lines() -> list[TariffLine]:
    """Return lines of every shape for every measure, anywhere."""
    shapes: list[dict[str, Any]] = [
        {"ad_valorem_ppm": 120_000},
        {"ad_valorem_ppm": 37_500, "origin_code": "CN"},
        {"ad_valorem_ppm": 0},
        {"specific_micro": 125 * MICRO, "specific_unit": "kg"},
        {"ad_valorem_ppm": 80_000, "minimum_micro": 9 * MICRO, "specific_unit": "piece"},
        {"ad_valorem_ppm": 169_000, "maximum_micro": 700_001, "maximum_ppm": 1_000, "specific_unit": "pair"},
        {"ad_valorem_ppm": 25_000, "additional_code": "C999"},
    ]
    measures = ("duty", "tax", "excise", "simplified_duty", "admission", "anti_dumping")
    return [
        TariffLine(
            measure=measure,
            commodity_prefix=f"6{place}{tail}",
            valid_from=EVER,
            valid_to=None,
            source="x",
            **shape,
        )
        for measure in measures
        for place, shape in enumerate(shapes)
        for tail in ("", "0410", "042099")
    ]


def invented_rates(book: LawBook) -> list[ExchangeRate]:
    """Return rates of foreign currencies, in every table a law of the book converts by."""
    tables = {(one.table, p.currency) for p in book.programs for one in p.base.conversions}
    return [
        ExchangeRate(
            table=table,
            home=home,
            currency=currency,
            numerator=numerator,
            denominator=10_000,
            direction="home_per_foreign",
            valid_from=EVER,
            valid_to=None,
            source="x",
        )
        for table, home in sorted(tables)
        for currency, numerator in zip(FOREIGN, (9_173, 59, 1_279, 24_501), strict=True)
        if currency != home
    ]


def _texts_of(program: Program) -> list[str]:
    compiled = [one.compiled for one in program.definitions]
    choices = [program.relief, program.declaration_form]
    for charge in program.charges:
        compiled += [
            one for one in (charge.when, charge.base, charge.rate, charge.amount, charge.waived) if one
        ]
        choices += [charge.due, charge.debtor]
    compiled += [rule.holds for rule in program.rules]
    compiled += [condition for choice in choices for _, condition, _ in choice.rows]
    return [one.text for one in compiled]


class Rows:
    """Rows of one law: frames and their shape."""

    def __init__(self, pools: Pools, count: int, draw: random.Random) -> None:
        self.program, self.reference = pools.program, pools.reference
        self._draw, self._pools = draw, pools
        self.item_counts = [draw.choice((1, 1, 1, 2, 3, 5)) for _ in range(count)]
        self.owner = np.repeat(np.arange(count), self.item_counts)
        self.first_items = np.cumsum([0, *self.item_counts[:-1]])
        # The law is asked of days on which all its packs are in force.
        first, last = pools.first_day, pools.last_day
        days = [draw.choice(pools.days) + draw.randint(-2, 400) for _ in range(count)]
        self.law_days = np.array([min(max(day, first), last) for day in days])
        self.consignments = self._frame(CONSIGNMENTS, count)
        self.items = self._frame(GOODS_ITEMS, len(self.owner))
        self.items = Frame(self.items.row_count, {**self.items.columns, "owner": self.owner})

    def on_columns(self) -> LawRun:
        """Return the run on columns, done."""
        return LawRun(*self._shape()).execute()

    def one_by_one(self) -> SmallBatchRun:
        """Return the run of a small batch, done."""
        run = SmallBatchRun(*self._shape())
        run.frames = PlainFrame(self.consignments), PlainFrame(self.items)
        run.rows, run.item_rows = range(len(self.first_items)), self.first_items.tolist()
        return run.execute()

    def _shape(self) -> tuple[Any, ...]:
        frames = self.consignments, self.items
        return self.program, self.reference, *frames, self.owner, self.first_items, self.law_days

    def _frame(self, meanings: Sequence[Any], count: int) -> Frame:
        columns: dict[str, Column] = {}
        for one in meanings:
            if one.stage not in _STAGES or one.name == "owner":
                continue
            if one.type == "flag":
                columns[one.name] = np.array([self._draw.random() < 0.3 for _ in range(count)])
            elif one.type == "coded":
                columns[one.name] = encode_words([self._word(one.name) for _ in range(count)])
            else:
                columns[one.name] = np.array([self._number(one.name) for _ in range(count)], dtype=np.int64)
        return Frame(count, columns)

    def _word(self, name: str) -> str | None:
        draw = self._draw
        if draw.random() < 0.03:
            return None
        if name == "commodity_code":
            return self._commodity_code()
        words: Sequence[str | None] = _WORDS.get(name) or self._pools.words.get(name) or ["CN"]
        if name.endswith("currency_code"):
            words = self._pools.currencies
        if name.endswith("_codes"):
            return " ".join(map(str, draw.sample(words, min(len(words), draw.randint(1, 3)))))
        return draw.choice(words) if name in _WORDS or draw.random() < 0.95 else "ZZ"

    def _commodity_code(self) -> str:
        draw = self._draw
        words = self._pools.words["commodity_code"] if draw.random() < 0.3 else [f"6{draw.randrange(8)}"]
        code = draw.choice(words) + draw.choice(("", "0", "00", "10", "9000", "12345678"))
        return (code + "0" * 6)[: draw.choice((4, 6, 8, 10))] if draw.random() < 0.5 else code[:10]

    def _number(self, name: str) -> int:
        draw = self._draw
        if draw.random() < 0.04:
            return ABSENT
        if name.endswith("_at"):
            day = int(draw.choice(self.law_days.tolist())) + draw.randint(-2, 2)
            return day * DAY_MS + draw.randrange(DAY_MS)
        if name.endswith("_amount_micro"):
            amount: int = self._amount() * MICRO // 10 ** PLACES[self.program.currency]
            return amount
        numbers = next((numbers for ending, numbers in _NUMBERS.items() if name.endswith(ending)), None)
        return self._amount() if numbers is None else draw.choice(numbers)

    def _amount(self) -> int:
        draw = self._draw
        if draw.random() < 0.005:
            return 10**12 + draw.randint(-1, 1)
        amount = draw.choice(self._pools.amounts) + draw.choice((-1, 0, 0, 1))
        return max(0, draw.choice((amount, amount // 2, amount // 3, draw.randint(0, 40_000))))
