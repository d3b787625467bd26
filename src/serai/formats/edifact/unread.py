"""What nothing reads of a consignment, put where it is stored with it: among the remarks of its party.

What stands before all consignments stays out: a report sent again at another hour is still the same report.
"""

from bisect import bisect_right

from serai.formats.decoded import limit_findings
from serai.formats.edifact.report import Report, Unread, place_number
from serai.formats.kept import Kept, is_fitting, with_remarks
from serai.model.documents import TransportDocument
from serai.model.findings import Finding

REMARKS_MAX = 100
"""Of one document."""

_ROLES = ("consignor", "consignee")


def with_unread(report: Report) -> list[tuple[TransportDocument | None, list[Finding]]]:
    """Return each document with what nothing reads of it, and its findings; what is not kept is told with the
    first."""
    owned, without_owner = _parted(report)
    told = []
    for number, one in enumerate(report.documents):
        lost = [*(without_owner if number == 0 else []), *owned[number][REMARKS_MAX:]]
        document, not_kept = _with_remarks(one.document, owned[number][:REMARKS_MAX])
        findings = [
            *one.findings,
            *(
                _finding_of("unread-element", each)
                for each in owned[number][:REMARKS_MAX]
                if each not in not_kept
            ),
            *(_finding_of("element-not-kept", each) for each in [*not_kept, *lost]),
        ]
        told.append((document, limit_findings(findings)))
    return told


def _finding_of(code: str, one: Unread) -> Finding:
    return Finding(code, one.place, "advice", {"element": one.place[-64:]})


def _parted(report: Report) -> tuple[list[list[Unread]], list[Unread]]:
    """Part values by the document they belong to; behind them those that belong to none.

    A value belongs to the last document before it in its group, else to the first one behind it.
    """
    begins = [
        number for number, one in enumerate(report.message.segments, start=2) if one.tag == report.begins
    ]
    stand = [place_number(one.place) for one in report.documents]
    owned: list[list[Unread]] = [[] for _ in report.documents]
    without_owner: list[Unread] = []
    for one in report.unread:
        position = place_number(one.place)
        group = bisect_right(begins, position)
        if not group:
            without_owner.append(one)
            continue
        first = bisect_right(stand, begins[group - 1] - 1)
        owner = max(bisect_right(stand, position) - 1, first)
        (owned[owner] if owner < len(owned) else without_owner).append(one)
    return owned, without_owner


def _with_remarks(
    document: TransportDocument | None, unread: list[Unread]
) -> tuple[TransportDocument | None, list[Unread]]:
    """Return a document with values as remarks, and those that it cannot hold."""
    role = next((role for role in _ROLES if getattr(document, role, None) is not None), None)
    if document is None or role is None:
        return document, unread
    # Without the number of the segment: the same consignment may stand elsewhere in a later report.
    kept = [Kept(one.place.split("/", 3)[3], one.text) for one in unread]
    fitting = [one for one in kept if is_fitting(one)]
    lost = [one for one, way in zip(unread, kept, strict=True) if not is_fitting(way)]
    return (with_remarks(document, role, fitting) if fitting else document), lost
