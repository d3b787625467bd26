"""Which goods of a batch name documents that rules on restricted goods ask for."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState
from serai.journey.permits.opening import OpeningRules, opening_rules
from serai.journey.pipeline import Checked
from serai.model.acts import PERMIT_PRESENTED
from serai.model.columns import Frame, Int64s
from serai.model.documents import AdditionalDocument, GoodsItem


class Named(NamedTuple):
    """A document that goods name. pointer: where. code: its kind. number: its reference, "" without one."""

    code: str
    number: str
    pointer: str
    document: AdditionalDocument | None


class Asked(NamedTuple):
    """A goods item with documents that rules ask for. row: its place; item: of the frame of goods items.
    codes: all kinds of its documents, those that were brought later too."""

    row: int
    item: int
    sequence_number: int
    codes: frozenset[str]
    named: tuple[Named, ...]


def rules_of(law: LawState) -> OpeningRules:
    """Return which rules which documents open; worked out once for a generation of law."""
    found = _KEPT.get(id(law.book))
    if found is None or found[0] is not law.book:
        if len(_KEPT) > 8:
            _KEPT.clear()
        found = _KEPT[id(law.book)] = (law.book, opening_rules(law.book))
    return found[1]


_KEPT: dict[int, tuple[Any, OpeningRules]] = {}


def places_with_documents(rows: Sequence[Row], checked: Checked, rules: OpeningRules) -> Int64s:
    """Return the goods items with a document that a rule asks for, whether declared or brought later."""
    items = checked.columns.items
    codes = items.words("document_type_codes")
    is_asked = codes.map_flags([not rules.keys().isdisjoint(word.split()) for word in codes.words])
    brought = [place for place, row in enumerate(rows) if presented_acts(row)]
    if brought:
        is_asked = is_asked | np.isin(items.numbers("owner"), brought)
    return np.flatnonzero(is_asked)


def presented_acts(row: Row) -> list[Any]:
    """Return the acts by which permits were named after the declaration."""
    return [act for act in row.acts if act.kind == PERMIT_PRESENTED]


def find_asked(rows: Sequence[Row], checked: Checked, places: Int64s, rules: OpeningRules) -> list[Asked]:
    """Return the goods items at places whose documents some rule asks for, with all that they name."""
    items = checked.columns.items
    words = items.words("document_type_codes").take(places).texts()
    found = []
    for item, owner, sequence_number, text in zip(
        places.tolist(),
        items.numbers("owner")[places].tolist(),
        items.numbers("sequence_number")[places].tolist(),
        words,
        strict=True,
    ):
        row = rows[owner]
        brought = [
            Named(act.parameters["document"], act.parameters["permit"], "", None)
            for act in presented_acts(row)
            if act.subject_number == sequence_number
        ]
        codes = frozenset([*(text or "").split(), *(one.code for one in brought)])
        if rules.keys().isdisjoint(codes):
            continue
        declared = [one for one in _declared(row, sequence_number) if one.code in rules]
        found.append(Asked(owner, item, sequence_number, codes, (*brought, *declared)))
    return found


def _declared(row: Row, sequence_number: int) -> list[Named]:
    """Return the documents that an item and its consignment name."""
    document = row.document
    place, item = goods_item(row, sequence_number)
    own = [
        Named(one.type_code, one.reference or "", f"/goods_items/{place}/additional_documents/{number}", one)
        for number, one in enumerate(item.additional_documents)
    ]
    return own + [
        Named(one.type_code, one.reference or "", f"/additional_documents/{number}", one)
        for number, one in enumerate(document.additional_documents)
    ]


def goods_item(row: Row, sequence_number: int) -> tuple[int, GoodsItem]:
    """Return a goods item of a row, with its place in the declaration."""
    return next(
        (place, one)
        for place, one in enumerate(row.document.goods_items)
        if one.sequence_number == sequence_number
    )


def text_at(frame: Frame, name: str, place: int) -> str:
    """Return a word of a frame, "" where there is none."""
    coded = frame.words(name)
    code = int(coded.codes[place])
    return coded.words[code] if code >= 0 else ""
