"""Screen: look-ups in lists, as columns. What follows from a hit is said by the rules of laws/SCREENING."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from serai.journey.screening.lists import Lists
from serai.model.columns import Coded, Frame, Int64s
from serai.model.names.normalised import normalise_name, sorted_names


class NamesOfRole(NamedTuple):
    """Names of everybody who has one role in the batch. rows: of their consignments."""

    role: str
    rows: Int64s
    names: Coded


class PartyHit(NamedTuple):
    """A person bears the name of an entry: for officers alone. is_in_order: words stand as on the list."""

    row: int
    role: str
    list_code: str
    entry_id: str
    is_in_order: bool


@dataclass(frozen=True, slots=True)
class Screened:
    """Frames with the columns of stage `screen`, and the hits behind them."""

    consignments: Frame
    items: Frame
    hits: tuple[PartyHit, ...]


def screen(consignments: Frame, items: Frame, names: Sequence[NamesOfRole], lists: Lists) -> Screened:
    """Look up names and descriptions.

    consignments, items: with the columns of stage `advise`. names: of the persons on these consignments.
    """
    hits = find_party_hits(names, lists)
    is_listed = np.zeros(consignments.row_count, dtype=np.bool_)
    is_listed[[hit.row for hit in hits]] = True
    description = items.words("description")
    is_vague = description.map_flags(lists.vague_words.test(description.words))
    kinds = lists.goods_kinds.name_all(description, items.words("commodity_code"))
    nobody = np.zeros(consignments.row_count, dtype=np.bool_)
    return Screened(
        consignments.with_columns(
            is_party_listed=is_listed, is_selected_for_review=nobody, is_selected_for_examination=nobody
        ),
        items.with_columns(is_description_vague=is_vague, goods_kind_codes=kinds),
        tuple(hits),
    )


def find_party_hits(names: Sequence[NamesOfRole], lists: Lists) -> list[PartyHit]:
    """Return each person whose normalised name is on a list, whatever the order of its words."""
    if not lists.names:
        return []
    hits: list[PartyHit] = []
    listed = lists.names
    for one in names:
        # Senders are few and buyers many; the same name is looked up once.
        words = one.names.words
        found = {
            number: key for number, key in enumerate(sorted_names(words)) if words[number] and key in listed
        }
        if not found:
            continue
        for place in np.flatnonzero(np.isin(one.names.codes, list(found))).tolist():
            number = int(one.names.codes[place])
            normalised = normalise_name(words[number])
            hits += [
                PartyHit(
                    int(one.rows[place]),
                    one.role,
                    entry.list_code,
                    entry.entry_id,
                    entry.normalised == normalised,
                )
                for entry in listed[found[number]]
            ]
    return hits
