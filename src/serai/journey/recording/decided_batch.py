"""A decided batch on its way into the store: its rows, what became of them, and the columns every table
needs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np

from serai.evidence.promise import BatchPromise
from serai.journey.consignments.rows import Row
from serai.journey.documents.sealing import Sealed
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Processed
from serai.journey.split_shipments.store import KeyRows
from serai.journey.validation.data_quality.score import Quality
from serai.model.columns import Flags, Frame, Int64s, encode_words
from serai.model.frames import ABSENT
from serai.model.packed_detail import Detail


@dataclass(frozen=True)
class Decided:
    """Rows and their outcome. kind: of the decision. One entry a row in `mrns`, `decisions`, `details`
    (packed, pyarrow), `salts`. quality: the score of what came in; None where documents are decided again.
    split_keys: by which what came in meets other parts of one order; None: there are none."""

    administration_id: int
    rows: Sequence[Row]
    processed: Processed
    law: LawState
    at: datetime
    kind: str
    mrns: list[str]
    decisions: list[bytes]
    details: Any
    salts: list[bytes]
    sealed: Sealed
    promise: BatchPromise
    quality: Quality | None = None
    split_keys: KeyRows | None = None

    @cached_property
    def at_ms(self) -> int:
        """Return the instant of decision, milliseconds of UTC."""
        return int(self.at.timestamp() * 1000)

    @cached_property
    def decision_ids(self) -> Int64s:
        """Return the decision of each row."""
        return ids_of(self.rows, "decision_id")

    @cached_property
    def consignment_ids(self) -> Int64s:
        """Return the consignment of each row."""
        return ids_of(self.rows, "consignment_id")

    @cached_property
    def is_new(self) -> Flags:
        """Say which consignments were not there before."""
        return np.array([row.previous is None for row in self.rows], dtype=np.bool_)

    @cached_property
    def basis_ids(self) -> Int64s:
        """Return what each decision rests on."""
        numbers = self.processed.consignments.numbers("law_number").tolist()
        return np.array([self.law.basis_ids[number] for number in numbers], dtype=np.int64)

    @cached_property
    def item_counts(self) -> Int64s:
        """Return the number of goods items of each row."""
        return np.diff(np.append(self.processed.first_items, self.processed.items.row_count))


def sequence_numbers(processed: Processed, items: Int64s) -> Int64s:
    """Return the sequence number of items by their row; 0 for -1, the consignment as a whole."""
    sequence = processed.items.numbers("sequence_number")
    return np.where(items >= 0, sequence[np.maximum(items, 0)], 0)


def name_places(rows: Sequence[Row], processed: Processed) -> Processed:
    """Return a batch whose findings point into the senders' own messages: those of what is decided again
    keep the places that were answered. Nothing is done where all came as JSON the first time."""
    findings = processed.findings
    owners = findings.numbers("consignment")
    if not any(rows[owner].origin or rows[owner].previous_detail for owner in set(owners.tolist())):
        return processed
    told = [
        {} if row.previous_detail is None or row.cut is not None else _places_told(row.previous_detail)
        for row in rows
    ]
    pointers = [
        origin(pointer or "")
        if (origin := rows[owner].origin) is not None
        else told[owner].get((sequence, code, word or ""), pointer)
        for owner, sequence, code, word, pointer in zip(
            owners.tolist(),
            sequence_numbers(processed, findings.numbers("item")).tolist(),
            findings.words("code").texts(),
            findings.words("word").texts(),
            findings.words("pointer").texts(),
            strict=True,
        )
    ]
    columns = {**findings.columns, "pointer": encode_words(pointers)}
    return replace(processed, findings=Frame(findings.row_count, columns))


def _places_told(detail: Detail) -> dict[tuple[int, str | None, str], str]:
    return {(one.sequence_number, one.code, one.word): one.pointer for one in detail.findings}


def ids_of(rows: Sequence[object], name: str) -> Int64s:
    """Return one id of each row."""
    return np.fromiter(map(attrgetter(name), rows), dtype=np.int64, count=len(rows))


def absent_or(values: Sequence[int | None]) -> Int64s:
    """Return a column in which None is ABSENT."""
    if values and values[0] is None and values.count(None) == len(values):
        return np.full(len(values), ABSENT, dtype=np.int64)
    return np.array([ABSENT if value is None else value for value in values], dtype=np.int64)


def instant_of(ms: int | None) -> datetime | None:
    """Return the instant of milliseconds of UTC."""
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
