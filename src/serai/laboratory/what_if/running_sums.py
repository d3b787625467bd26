"""Running sums of a what-if: memory holds groups and sellers, never all parcels."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from serai.laboratory.compare.measuring import KINDS
from serai.laboratory.what_if.compared import Compared
from serai.laboratory.what_if.features import BANDED, NOT_NAMED, name_absent, size_of
from serai.laboratory.what_if.lines import Lines
from serai.laboratory.what_if.result import Free, Group, Revenue
from serai.model.columns import Coded

_COLUMNS = 5
"""Of a group: parcels, more, less, current, draft."""
Sums = dict[tuple[str, str], list[int]]


@dataclass(slots=True)
class RunningSums:
    """What is kept of parcels gone through. groups: by feature, then key and currency. sellers: by name and
    currency; the names stay here.
    """

    compared: int = 0
    more: int = 0
    less: int = 0
    mixed: int = 0
    invented_tariff: int = 0
    free: Counter[tuple[str, str]] = field(default_factory=Counter)
    revenue: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    groups: dict[str, Sums] = field(default_factory=lambda: defaultdict(dict))
    sellers: Sums = field(default_factory=dict)
    seller_parcels: Counter[str] = field(default_factory=Counter)

    def add(self, found: Compared) -> None:
        """Add the compared parcels of a batch."""
        lines = found.lines
        self._add_parcels(lines)
        for name, coded in found.features.items():
            _add_groups(self.groups[name], lines, coded)
        sellers = name_absent(found.batch.sellers)
        _add_groups(self.sellers, lines, sellers)
        counts = np.bincount(sellers.codes[lines.compared], minlength=len(sellers.words))
        for place in np.flatnonzero(counts).tolist():
            self.seller_parcels[sellers.words[place]] += int(counts[place])

    def _add_parcels(self, lines: Lines) -> None:
        compared = lines.compared
        self.compared += len(compared)
        goes_up = lines.any_of_parcel(lines.change_minor > 0)[compared]
        goes_down = lines.any_of_parcel(lines.change_minor < 0)[compared]
        self.more += int((goes_up & ~goes_down).sum())
        self.less += int((goes_down & ~goes_up).sum())
        self.mixed += int((goes_up & goes_down).sum())
        for side, charged in (("current", lines.current_minor), ("draft", lines.draft_minor)):
            for name, kinds in (("duty", ("duty",)), ("tax", ("tax", "excise"))):
                pays = lines.any_of_parcel(np.any([charged[kind] != 0 for kind in kinds], axis=0))
                self.free[name, side] += int((~pays[compared]).sum())
            place = side == "draft"
            for number, currency in enumerate(lines.currencies):
                here = lines.currency == number
                for kind in KINDS:
                    self.revenue[currency, kind][place] += int(charged[kind][here].sum())

    # ---- what it comes to ----

    def free_rows(self) -> list[Free]:
        """Return how many parcels are free of duty, and of tax."""
        return [Free(name, self.free[name, "current"], self.free[name, "draft"]) for name in ("duty", "tax")]

    def revenue_rows(self) -> list[Revenue]:
        """Return the sums by currency and kind that are not nothing under both laws."""
        order = sorted(self.revenue, key=lambda key: (key[0], KINDS.index(key[1])))
        return [Revenue(*key, *self.revenue[key]) for key in order if any(self.revenue[key])]

    def group_rows(self) -> Iterator[Group]:
        """Give the groups of each feature, the largest change first, bands in their order."""
        for by, sums in self.groups.items():
            yield from _rows(by, sums, is_banded=by in BANDED)
        sizes: Sums = {}
        for (seller, currency), found in self.sellers.items():
            size = NOT_NAMED if seller == NOT_NAMED else size_of(self.seller_parcels[seller])
            _add(sizes, (size, currency), found)
        yield from _rows("seller size", sizes, is_banded=True)


def _add_groups(sums: Sums, lines: Lines, coded: Coded) -> None:
    width = len(lines.currencies)
    key = coded.codes[lines.parcel].astype(np.int64) * width + lines.currency
    keys, place = np.unique(key, return_inverse=True)
    found = np.zeros((len(keys), _COLUMNS), dtype=np.int64)
    change = lines.change_minor
    for column, amounts in enumerate(
        (np.ones_like(change), change > 0, change < 0, lines.current, lines.draft)
    ):
        np.add.at(found[:, column], place, amounts)
    for one, row in zip(keys.tolist(), found.tolist(), strict=True):
        _add(sums, (coded.words[one // width], lines.currencies[one % width]), row)


def _add(sums: Sums, key: tuple[str, str], row: Sequence[int]) -> None:
    old = sums.get(key)
    sums[key] = [*row] if old is None else [a + b for a, b in zip(old, row, strict=True)]


def _rows(by: str, sums: Sums, *, is_banded: bool) -> Iterator[Group]:
    def place(key: tuple[str, str]) -> tuple[object, ...]:
        found = sums[key]
        return (_bound(key[0]), key) if is_banded else (-abs(found[4] - found[3]), key)

    for key in sorted(sums, key=place):
        yield Group(by, key[0], key[1], *sums[key])


def _bound(band: str) -> int:
    """Return the lower bound of a band, for its place; what has none comes first or, unnamed, last."""
    if band == NOT_NAMED:
        return 1 << 62
    digits = band.partition(" ")[0].replace(",", "")
    return int(digits) if digits.isdigit() else 0
