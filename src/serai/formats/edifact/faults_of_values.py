"""Faults of single values, given to the documents they stand in: they keep out those, not the interchange."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import msgspec

from serai.formats.edifact.report import Report, ReportedDocument, place_number
from serai.model.findings import Finding

_OF_A_VALUE = frozenset({"cardit-receptacle-number", "edifact-not-a-number", "edifact-not-a-time"})


def give_to_documents(
    reports: Sequence[Report], findings: Sequence[Finding]
) -> tuple[list[Report], list[Finding]]:
    """Give each fault of a value to the documents it is about. Returns the reports, and the other findings.

    A value before the first document of its group is about all in the group. What stands before all groups,
    or where nobody can say whose it is, stays a fault of the interchange.
    """
    owners = {report.message.number: _Owners(report) for report in reports}
    others: list[Finding] = []
    for one in findings:
        number = int(one.pointer.split("/")[1]) if one.code in _OF_A_VALUE else 0
        if number not in owners or not owners[number].give(one):
            others.append(one)
    return [one.report() for one in owners.values()], others


class _Owners:
    """The documents of one message by where they stand."""

    def __init__(self, report: Report) -> None:
        segments = list(enumerate(report.message.segments, start=2))
        self._report = report
        self._groups = [number for number, one in segments if one.tag == report.begins]
        self._stand = [place_number(one.place) for one in report.documents]
        # Segments like those with which documents begin; more than documents, where one is named twice.
        named = [(number, (one.tag, one.text(2))) for number, one in segments]
        stand = set(self._stand)
        likes = {like for number, like in named if number in stand}
        self._begin = [number for number, like in named if like in likes]
        self._given: dict[int, list[Finding]] = {}

    def give(self, fault: Finding) -> bool:
        """Give a fault to whom it belongs; say whether there is anybody."""
        owners = self._owners(place_number(fault.pointer))
        for owner in owners:
            self._given.setdefault(owner, []).append(fault)
        return bool(owners)

    def _owners(self, position: int) -> Sequence[int]:
        group = bisect_right(self._groups, position)
        if not group:
            return ()
        first = bisect_left(self._stand, self._groups[group - 1])
        behind = bisect_right(self._stand, position)
        if behind == first:
            is_last = group == len(self._groups)
            end = len(self._stand) if is_last else bisect_left(self._stand, self._groups[group])
            return range(first, end)
        last = self._stand[behind - 1]
        if self._begin[bisect_right(self._begin, position) - 1] != last:
            return ()
        return range(bisect_left(self._stand, last), behind)

    def report(self) -> Report:
        """Return the report; a document that was given a fault is none."""
        documents = [
            one if number not in self._given else _without_document(one, self._given[number])
            for number, one in enumerate(self._report.documents)
        ]
        return msgspec.structs.replace(self._report, documents=documents)


def _without_document(one: ReportedDocument, given: Sequence[Finding]) -> ReportedDocument:
    """Keep a document out. What its own fields say of the same place says less."""
    places = {fault.pointer for fault in given}
    own = [fault for fault in one.findings if fault.pointer not in places]
    return ReportedDocument(one.place, None, [*own, *given])
