"""Data quality of an accepted document, 0 to 100, with its parts: docs/explanation/data-quality.md."""

from dataclasses import dataclass

import numpy as np

from serai.model.columns import Flags, Frame, Int64s
from serai.model.frames import ABSENT

PARTS: dict[str, int] = {
    "description": 30,
    "classification": 20,
    "dates": 15,
    "sale": 15,
    "mass": 10,
    "product_id": 10,
}
"""Most points of each part; together one hundred."""
_CLASSIFIED_DIGITS, _SIX_DIGIT_SHARE = 8, 75


@dataclass(frozen=True, slots=True)
class Quality:
    """Points of each document. score: the sum of its parts. parts: by name of PARTS."""

    score: Int64s
    parts: dict[str, Int64s]


def score_quality(consignments: Frame, items: Frame, first_items: Int64s) -> Quality:
    """Score documents. items: with is_description_vague of stage `screen`."""
    commodity = items.words("commodity_code")
    classified = np.array(
        [*(100 if len(w) >= _CLASSIFIED_DIGITS else _SIX_DIGIT_SHARE for w in commodity.words), 0], np.int64
    )[commodity.codes]
    nature = consignments.words("sale_nature_code")
    is_stated = nature.map_flags([word != "not-stated" for word in nature.words])
    dates = sum(
        (consignments.numbers(name) != ABSENT).astype(np.int64)
        for name in ("purchased_at", "paid_at", "arrived_at")
    )
    parts = {
        "description": _share(~items.flags("is_description_vague"), first_items, PARTS["description"]),
        "classification": _mean(classified, first_items) * PARTS["classification"] // 100,
        "dates": np.asarray(dates, dtype=np.int64) * PARTS["dates"] // 3,
        "sale": is_stated.astype(np.int64) * PARTS["sale"],
        "mass": _share(items.numbers("net_mass_g") != ABSENT, first_items, PARTS["mass"]),
        "product_id": _share(items.flags("has_product_id"), first_items, PARTS["product_id"]),
    }
    return Quality(sum(parts.values(), np.zeros(consignments.row_count, dtype=np.int64)), parts)


def _share(holds: Flags, first_items: Int64s, points: int) -> Int64s:
    """Return the points of the share of items for which something holds, cut down."""
    return (
        _total(holds.astype(np.int64), first_items)
        * points
        // np.maximum(_counts(len(holds), first_items), 1)
    )


def _mean(values: Int64s, first_items: Int64s) -> Int64s:
    return _total(values, first_items) // np.maximum(_counts(len(values), first_items), 1)


def _total(values: Int64s, first_items: Int64s) -> Int64s:
    return np.add.reduceat(values, first_items) if len(values) else np.zeros(len(first_items), dtype=np.int64)


def _counts(item_count: int, first_items: Int64s) -> Int64s:
    return np.diff(first_items, append=item_count)
