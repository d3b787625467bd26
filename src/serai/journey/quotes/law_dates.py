"""The next day on which the law of a place changes, as far as it is known now."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from serai.law.book import EVERYWHERE, LawBook
from serai.law.pack import Pack

HORIZON: Final = dt.timedelta(days=366)


def find_next_change(
    book: LawBook, customs_territory: str, tax_territory: str, day: dt.date
) -> dt.date | None:
    """Return the first day after `day`, within a year, on which a pack of the territory, or a value in
    one, begins or ends.
    """
    places = (customs_territory, tax_territory.partition("-")[0], EVERYWHERE)
    edges = [
        edge
        for one in book.packs.values()
        if one.pack.jurisdiction in places and one.pack.status not in ("planned", "draft")
        for edge in _edges(one.pack)
        if day < edge <= day + HORIZON
    ]
    return min(edges, default=None)


def _edges(pack: Pack) -> Iterator[dt.date]:
    spans = [
        (pack.valid_from, pack.valid_to),
        *((pause.valid_from, pause.valid_to) for pause in pack.suspended),
        *((value.valid_from, value.valid_to) for one in pack.parameters for value in one.values),
    ]
    for valid_from, valid_to in spans:
        yield valid_from
        if valid_to is not None:
            yield valid_to
