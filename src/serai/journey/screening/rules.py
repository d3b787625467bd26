"""Screen: look-ups in lists, as columns. What follows from a hit is said by the rules of laws/SCREENING."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from serai.journey.screening.evidence import Asked, Trait
from serai.journey.screening.list_entry import entry_hash_of
from serai.journey.screening.lists import Lists
from serai.journey.screening.word_marks import add_marks
from serai.model.columns import Coded, Frame, Int64s


class NamesOfRole(NamedTuple):
    """Names of everybody who has one role in the batch. rows: of their consignments. countries: beside each
    name; None: not known."""

    role: str
    rows: Int64s
    names: Coded
    countries: Coded | None = None


class PartyHit(NamedTuple):
    """A person could be who an entry lists: for officers alone. name: of the entry, the likest. score_ppm: 0
    to 1,000,000. agrees, differs: the parts of the score. entry_hash: of the entry's wording. pair_hash: of
    the person with it, keyed; empty where nobody asked for verdicts. closed_by: by which verdict it stands
    against nobody; None: it stands."""

    row: int
    role: str
    list_code: str
    entry_id: str
    name: str
    score_ppm: int
    agrees: tuple[Trait, ...]
    differs: tuple[Trait, ...]
    entry_hash: bytes = b""
    pair_hash: bytes = b""
    closed_by: int | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """Frames with the columns of stage `screen`, and the hits behind them."""

    consignments: Frame
    items: Frame
    hits: tuple[PartyHit, ...]


def screen(
    consignments: Frame,
    items: Frame,
    names: Sequence[NamesOfRole],
    lists: Lists,
    *,
    hits: Sequence[PartyHit] | None = None,
    sellers: Callable[[], Coded] | None = None,
) -> Screened:
    """Look up names and descriptions.

    consignments, items: with the columns of stage `advise`. names: of the persons on these consignments.
    hits: of these names, held against officers' verdicts already; None: they are looked up now.
    sellers: gives the seller of each consignment; None: not known.
    """
    if hits is None:
        hits = find_party_hits(names, lists)
    is_listed = np.zeros(consignments.row_count, dtype=np.bool_)
    is_listed[[hit.row for hit in hits if hit.closed_by is None]] = True
    description = items.words("description")
    is_vague = description.map_flags(lists.vague_words.test(description.words))
    kinds = lists.goods_kinds.name_all(description, items.words("commodity_code"))
    nobody = np.zeros(consignments.row_count, dtype=np.bool_)
    return Screened(
        consignments.with_columns(
            is_party_listed=is_listed, is_selected_for_review=nobody, is_selected_for_examination=nobody
        ),
        items.with_columns(
            is_description_vague=is_vague,
            goods_kind_codes=kinds,
            is_mark_named=add_marks(items, description, lists.word_marks, sellers),
        ),
        tuple(hits),
    )


def find_party_hits(names: Sequence[NamesOfRole], lists: Lists) -> list[PartyHit]:
    """Return each person who could be on a list, in any spelling of the name.

    Senders are few and buyers many: a name is looked up once, and what else is known of its bearers is
    weighed only for names that are like one on a list.
    """
    if not lists.screener.entries:
        return []
    near = lists.screener.near_names(word for one in names for word in one.names.words if word)
    hits: list[PartyHit] = []
    for one in names if near else ():
        is_near = one.names.map_flags([word in near for word in one.names.words])
        places = np.flatnonzero(is_near)
        countries = None if one.countries is None else one.countries.take(places).texts()
        asked = [
            Asked(name or "", country_code=(countries[place] or "") if countries else "")
            for place, name in enumerate(one.names.take(places).texts())
        ]
        rows = one.rows[places].tolist()
        hits += [
            PartyHit(
                rows[hit.place],
                one.role,
                hit.entry.list_code,
                hit.entry.entry_id,
                hit.name,
                hit.score_ppm,
                hit.agrees,
                hit.differs,
                entry_hash_of(hit.entry),
            )
            for hit in lists.entries_of(asked)
        ]
    return hits
