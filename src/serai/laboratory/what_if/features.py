"""What parcels have in common: origin, chapter, value, channel."""

from itertools import pairwise

import numpy as np

from serai.laboratory.what_if.batch import Batch
from serai.model.columns import Coded, Int64s, encode_words
from serai.model.money import PLACES

BY = ("origin", "chapter", "value", "channel", "seller size")
BANDED = ("value", "seller size")
"""Of these the groups are bands, in an order of their own."""
NOT_NAMED = "not named"
_STEPS = (1, 2, 5)
_SIZES = ((1, "1"), (9, "2 to 9"), (99, "10 to 99"), (999, "100 to 999"))


def features_of(batch: Batch, values_minor: Int64s, home: Coded) -> dict[str, Coded]:
    """Return origin and chapter of each parcel's dearest goods item, the band of its value, its channel.

    values_minor: in the currency of `home`.
    """
    dearest = _dearest_items(batch)
    codes = batch.items.words("commodity_code").take(dearest)
    return {
        "origin": name_absent(batch.items.words("origin_country_code").take(dearest)),
        "chapter": name_absent(_shortened(codes)),
        "value": _value_bands(values_minor, home),
        "channel": name_absent(batch.consignments.words("logistics_channel_code")),
    }


def size_of(parcels: int) -> str:
    """Return the band of a seller with so many parcels in the sample."""
    return next((name for most, name in _SIZES if parcels <= most), "1,000 or more")


def _dearest_items(batch: Batch) -> Int64s:
    """Return each parcel's item of the highest price, the first of equals."""
    price = batch.items.numbers("invoice_amount_micro")
    # Items stand parcel by parcel, so a parcel's first place in the order is that of its first item.
    order = np.lexsort((np.arange(len(price)), -price, batch.items.numbers("owner")))
    return order[batch.first_items]


def _shortened(codes: Coded) -> Coded:
    chapters = encode_words([word[:2] for word in codes.words])
    return Coded(chapters.words, np.append(chapters.codes, -1).astype(np.int32)[codes.codes])


def name_absent(coded: Coded) -> Coded:
    """Give the rows that say nothing a word of their own."""
    return Coded((*coded.words, NOT_NAMED), np.where(coded.codes < 0, len(coded.words), coded.codes))


def _value_bands(values_minor: Int64s, home: Coded) -> Coded:
    """Cut values at 1, 2, 5, 10, 20, 50 ... units of the law's currency; a band has its lower bound."""
    unit = np.array([*(10 ** PLACES[word] for word in home.words), 1], dtype=np.int64)[home.codes]
    edges = np.array([step * 10**power for power in range(10) for step in _STEPS], dtype=np.int64)
    bands = np.searchsorted(edges, values_minor // unit, side="right")
    words = (
        f"below {edges[0]}",
        *(f"{low:,} to {high:,}" for low, high in pairwise(edges.tolist())),
    )
    return Coded((*words, f"{edges[-1]:,} or more"), bands.astype(np.int32))
