"""Remarks on the documents of a batch while they are gathered; each knows its document and its goods item."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import numpy as np

from serai.law.small_arrays import any_true, places_of
from serai.model.columns import Coded, Flags, Int64s
from serai.model.findings import Finding, Severity

FINDINGS_MAX = 100
"""Of one document: who has made more faults than these has made one fault many times."""

_NONE = np.zeros(0, dtype=np.int64)
Parameters = Callable[[int], dict[str, str]]


class Remark(NamedTuple):
    """A finding with its places in the batch. item: row of the goods item, -1: the consignment."""

    row: int
    item: int
    finding: Finding


@dataclass(slots=True)
class Remarks:
    """The remarks so far. owner, first_items: as in the frames."""

    owner: Int64s
    first_items: Int64s
    gathered: list[Remark] = field(default_factory=list)

    def add(
        self,
        rows: Flags | Iterable[int],
        code: str,
        pointer: str,
        parameters: Parameters | None = None,
        severity: Severity = "fault",
    ) -> None:
        """Add one remark for each consignment of `rows` (row numbers, or a flag for each row)."""
        for row in _row_numbers(rows):
            given = parameters(row) if parameters else {}
            self.gathered.append(Remark(row, -1, Finding(code, pointer, severity, given)))

    def add_items(
        self,
        rows: Flags | Iterable[int],
        code: str,
        field_name: str,
        parameters: Parameters | None = None,
        severity: Severity = "fault",
    ) -> None:
        """Add one remark for each goods item of `rows`; the pointer gets the item's place in its document."""
        for item in _row_numbers(rows):
            row = int(self.owner[item])
            pointer = f"/goods_items/{item - int(self.first_items[row])}/{field_name}"
            given = parameters(item) if parameters else {}
            self.gathered.append(Remark(row, item, Finding(code, pointer, severity, given)))

    def change(self, place: int, severity: Severity, parameters: dict[str, str]) -> None:
        """Say a gathered remark with another severity and more parameters. place: among `gathered`."""
        one = self.gathered[place]
        finding = msgspec.structs.replace(
            one.finding, severity=severity, parameters={**one.finding.parameters, **parameters}
        )
        self.gathered[place] = one._replace(finding=finding)

    def in_order(self) -> list[Remark]:
        """Return the remarks by document, consignment before its items.

        Of one document no more than FINDINGS_MAX, and then one that counts the others.
        """
        ordered = sorted(self.gathered, key=lambda remark: (remark.row, remark.item))
        kept: list[Remark] = []
        begin = 0
        for place in range(1, len(ordered) + 1):
            if place == len(ordered) or ordered[place].row != ordered[begin].row:
                kept += _limited(ordered[begin:place])
                begin = place
        return kept


def _limited(remarks: list[Remark]) -> list[Remark]:
    if len(remarks) <= FINDINGS_MAX:
        return remarks
    count = str(len(remarks) - FINDINGS_MAX)
    # Faults first: what keeps the document out must not be cut away by advice.
    faults_first = sorted(remarks, key=lambda remark: remark.finding.severity != "fault")
    last = Remark(remarks[0].row, -1, Finding("more-faults", "", "fault", {"count": count}))
    return [*faults_first[:FINDINGS_MAX], last]


def _row_numbers(rows: Flags | Iterable[int]) -> Iterable[int]:
    if isinstance(rows, np.ndarray):
        if rows.dtype == np.bool_:
            rows = places_of(rows) if any_true(rows) else _NONE
        numbers: list[int] = rows.tolist()
        return numbers
    return rows


def this_value(value: str) -> Parameters:
    """Return what names one value, for a finding's parameters."""
    return lambda _row: {"value": value}


def these_values(values: dict[str, str]) -> Parameters:
    """Return several values by name, for a finding's parameters."""
    return lambda _row: values


def value_of(coded: Coded) -> Parameters:
    """Return what names the word of a row, for a finding's parameters."""
    return lambda row: {"value": coded.words[coded.codes[row]]}
