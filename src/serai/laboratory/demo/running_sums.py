"""What came back, added up: lanes, sums by currency, speed. Safe for several threads."""

from collections import Counter
from decimal import Decimal
from statistics import median
from threading import Lock
from typing import Any, Final

from serai.laboratory.demo.sending import Answered, TotalsRead

SUMS: Final = ("duty", "tax", "fee", "due_at_border", "due_at_sale")
_ZERO: Final = TotalsRead()


class RunningSums:
    """Answers to consignments so far."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.statuses: Counter[str] = Counter()
        self.lanes: Counter[str] = Counter()
        self.without_law_count = 0
        self.goods_items_count = 0
        self._sums: dict[str, dict[str, Decimal]] = {}
        self._consignments: Counter[str] = Counter()
        self._waits_s: list[tuple[float, int]] = []

    def add(self, answered: Answered, goods_items_count: int) -> None:
        """Count answers that came together. goods_items_count: in what was sent."""
        with self._lock:
            self._waits_s.append((answered.seconds, len(answered.answers)))
            self.goods_items_count += goods_items_count
            for answer in answered.answers:
                self.statuses[answer.became] += 1
                decision = answer.decision
                if decision is None or answer.became != "decided":
                    continue
                self.lanes[decision.lane] += 1
                if decision.currency_code is None:
                    self.without_law_count += 1
                else:
                    self._add_sums(decision.currency_code, decision.totals or _ZERO)

    @property
    def answered_count(self) -> int:
        """How many consignments were answered."""
        return self.statuses.total()

    def sums(self) -> list[dict[str, str]]:
        """Return the sums of each currency, the one of most consignments first; amounts as decimal text."""
        return [
            {
                "currency": currency,
                "parcels": f"{count}",
                **{name: f"{self._sums[currency][name]}" for name in SUMS},
            }
            for currency, count in self._consignments.most_common()
        ]

    def waits_s(self) -> tuple[float, float]:
        """Return the median and the longest time from sending a consignment to its answer."""
        if not self._waits_s:
            return 0.0, 0.0
        each = [seconds for seconds, count in self._waits_s for _ in range(count)]
        return median(each), max(each)

    def _add_sums(self, currency: str, totals: Any) -> None:
        sums = self._sums.setdefault(currency, dict.fromkeys(SUMS, Decimal(0)))
        self._consignments[currency] += 1
        for name in SUMS:
            sums[name] += Decimal(getattr(totals, f"{name}_amount"))


def share(count: int, counts: Counter[str]) -> str:
    """Write a share as a percentage with one decimal."""
    total = counts.total()
    return f"{100 * count / total:.1f} %" if total else "-"
