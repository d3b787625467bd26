"""Examined declarations as lines of JSON: what was declared, and what the examination of the goods has said.

    {"declaration": {...}, "is_found": true, "examined_on": "2026-09-30", "declarant": "D-17"}

A find is of the consignment; each of its goods items is a row with that outcome. Declarations that were not
examined say what is usual for whom: their `is_found` is null, and `examined_on` the day they came in.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

import msgspec
import numpy as np

from serai.journey.risk_model.declared import declared_rows, goods_group
from serai.journey.risk_model.plans.examined import Examined, join_examined
from serai.journey.risk_model.rows import NOT_STATED
from serai.journey.validation.columns import read_columns
from serai.law.book import LawBook
from serai.model.columns import Int64s, encode_words
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

LINE_BYTES_MAX: Final = 1 << 20
CHUNK: Final = 5_000
_FIRST_DAY: Final = date(1970, 1, 1)
"""Days are counted from here."""


class ExaminedDeclaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line. declarant: who lodged it, as whoever wrote the file names them. is_found: None: it was not
    examined."""

    declaration: Consignment
    is_found: bool | None
    examined_on: date
    declarant: str = ""


class DeclaredRows(NamedTuple):
    """Rows of goods items. owner: the line of each, from 0."""

    examined: Examined
    owner: Int64s


def read_lines(lines: Iterable[bytes]) -> list[ExaminedDeclaration]:
    """Read examined declarations. Raises SeraiError `risk-lines` with the line."""
    decoder = msgspec.json.Decoder(ExaminedDeclaration)
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if len(line) > LINE_BYTES_MAX:
                raise msgspec.DecodeError("too long")
            found.append(decoder.decode(line))
        except msgspec.DecodeError as fault:
            raise SeraiError(
                "risk-lines",
                MessageText("Line {line} is no examined declaration.", line=number),
                "Give declaration, is_found and examined_on, as `serai risk outcomes` writes them.",
            ) from fault
    return found


def rows_of_lines(lines: Sequence[ExaminedDeclaration], book: LawBook, at_ms: int) -> DeclaredRows:
    """Turn lines into rows of the model. book: knows the territories."""
    parts = [_rows_of(lines[first : first + CHUNK], book, at_ms) for first in range(0, len(lines), CHUNK)]
    owners = [one.owner + number * CHUNK for number, one in enumerate(parts)]
    return DeclaredRows(join_examined([one.examined for one in parts]), np.concatenate(owners))


def _rows_of(lines: Sequence[ExaminedDeclaration], book: LawBook, at_ms: int) -> DeclaredRows:
    """Read lines as an accepted declaration is read again: people may be gone, and none of them is asked
    for."""
    documents = [one.declaration for one in lines]
    columns = read_columns(documents, [one.declarant for one in lines], at_ms, book)
    items = columns.items
    rows = declared_rows(
        columns.consignments,
        items,
        encode_words([one.declarant or None for one in lines]),
        encode_words([one.declaration.seller_id for one in lines]),
    )
    owner = items.numbers("owner")
    found = np.array([one.is_found is True for one in lines], dtype=np.float64)
    is_examined = np.array([one.is_found is not None for one in lines], dtype=np.bool_)
    days = np.array([(one.examined_on - _FIRST_DAY).days for one in lines], dtype=np.int64)
    group = goods_group(rows, items.numbers("gross_mass_g"), items.numbers("invoice_amount_micro"))
    # What a seller did speaks for itself in its history: its own goods never vouch for each other.
    side = np.where(rows.keys["seller"] == NOT_STATED, group, rows.keys["seller"])
    return DeclaredRows(
        Examined(rows, found[owner], group, days[owner], is_examined[owner], side), np.asarray(owner)
    )
