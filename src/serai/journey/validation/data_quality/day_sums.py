"""What a batch adds to the days of its declarants: pure counting, in whole numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from serai.journey.validation.data_quality.score import Quality
from serai.law.small_arrays import distinct
from serai.model.columns import Coded, Flags, Int64s
from serai.model.findings import Finding


class DayRow(NamedTuple):
    """A row of `quality_day` to be added, but for its day and node. code, field: empty for all messages."""

    party_id: int
    logistics_channel_code: str
    code: str
    field: str
    message_count: int = 0
    refused_count: int = 0
    item_count: int = 0
    person_count: int = 0
    lost_milli: int = 0
    asked_points: int = 0
    round_count: int = 0


class RefusedMessage(NamedTuple):
    """A message that was not taken. logistics_channel_code: empty where it could not be read."""

    party_id: int
    logistics_channel_code: str
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class _Groups:
    """Declarants and channels of a batch, and for each document the number of its own."""

    names: list[tuple[int, str]]
    numbers: Int64s
    rows: list[DayRow] = field(default_factory=list)

    def sum(self, values: Int64s, rows: Int64s | None = None) -> list[int]:
        """Return the sum of whole numbers for each group (no float: a sum is exact)."""
        sums = np.zeros(len(self.names), dtype=np.int64)
        np.add.at(sums, self.numbers if rows is None else self.numbers[rows], values)
        found: list[int] = sums.tolist()
        return found


def sum_taken(
    quality: Quality, party_ids: Int64s, channel: Coded, needs_person: Flags, item_counts: Int64s
) -> list[DayRow]:
    """Count the messages of a batch that were taken; one entry a document in each column."""
    groups = _group(party_ids, channel)
    person = needs_person.astype(np.int64)
    counts = groups.sum(np.ones(len(party_ids), dtype=np.int64))
    columns = (item_counts, person, quality.lost.sum(axis=0), quality.asked_points, quality.round_counts)
    sums = [groups.sum(column) for column in columns]
    rows = [
        DayRow(party, logistics_channel_code, "", "", counts[place], 0, *(one[place] for one in sums))
        for place, (party, logistics_channel_code) in enumerate(groups.names)
    ]
    for place in np.flatnonzero(quality.failed_items.any(axis=1)).tolist():
        check = quality.marks.formula.checks[place]
        failing = np.flatnonzero(quality.failed_items[place])
        touched = groups.sum(np.ones(len(failing), dtype=np.int64), failing)
        items = groups.sum(quality.failed_items[place][failing], failing)
        persons = groups.sum(person[failing], failing)
        lost = groups.sum(quality.lost[place][failing], failing)
        rows += [
            DayRow(
                party,
                logistics_channel_code,
                check.code,
                check.field,
                touched[n],
                0,
                items[n],
                persons[n],
                lost[n],
            )
            for n, (party, logistics_channel_code) in enumerate(groups.names)
            if touched[n]
        ]
    return rows


def sum_refused(messages: Sequence[RefusedMessage]) -> list[DayRow]:
    """Count messages that were not taken, as a whole and by their faults."""
    whole: Counter[tuple[int, str]] = Counter()
    touched: Counter[tuple[int, str, str, str]] = Counter()
    items: Counter[tuple[int, str, str, str]] = Counter()
    for party, logistics_channel_code, findings in messages:
        whole[party, logistics_channel_code] += 1
        faults = [
            (party, logistics_channel_code, one.code, field_of(one.pointer))
            for one in findings
            if one.severity == "fault"
        ]
        items.update(faults)
        touched.update(set(faults))
    rows = [DayRow(*key, "", "", refused_count=count) for key, count in whole.items()]
    return rows + [DayRow(*key, refused_count=count, item_count=items[key]) for key, count in touched.items()]


def field_of(pointer: str) -> str:
    """Return the field a finding points to, without numbers of items and lines: `invoice_amount`."""
    parts = [part for part in pointer.split("/") if part and not part.isdigit()]
    if parts[:1] == ["goods_items"]:
        parts = parts[1:]
    # What a sender made up as a name of a field is not kept: it could be anything.
    return "/".join(parts[:2]) if all(part.isidentifier() and len(part) <= 40 for part in parts[:2]) else ""


def _group(party_ids: Int64s, channel: Coded) -> _Groups:
    words = max(1, len(channel.words))
    parties = distinct(party_ids)
    joined = parties.inverse * words + np.maximum(channel.codes, 0)
    found = distinct(joined)
    names = [
        (int(party_ids[row]), channel.words[int(joined[row]) % words] if channel.words else "")
        for row in found.first_rows
    ]
    return _Groups(names, found.inverse)
