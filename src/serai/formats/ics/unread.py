"""What nothing reads of an entry summary, put where it is stored with it: among the remarks of a party."""

from serai.formats.decoded import limit_findings
from serai.formats.ics.read import EntrySummary
from serai.formats.kept import Kept, is_fitting, with_remarks
from serai.model.documents import TransportDocument
from serai.model.findings import Finding

REMARKS_MAX = 100
"""Of one document."""

_ROLES = ("consignor", "consignee")


def with_unread(summary: EntrySummary) -> list[tuple[TransportDocument, list[Finding]]]:
    """Return each document with what nothing reads of it, and what is told of that."""
    return [
        _with_remarks(document, unread)
        for document, unread in zip(summary.documents, summary.unread, strict=True)
    ]


def _with_remarks(document: TransportDocument, unread: list[Kept]) -> tuple[TransportDocument, list[Finding]]:
    role = next((role for role in _ROLES if getattr(document, role) is not None), None)
    fitting = [one for one in unread if is_fitting(one)][:REMARKS_MAX] if role is not None else []
    told = [
        Finding(
            "unread-element" if one in fitting else "element-not-kept",
            one.way,
            "advice",
            {"element": one.way[-64:]},
        )
        for one in unread
    ]
    if role is not None and fitting:
        document = with_remarks(document, role, fitting)
    return document, limit_findings(told)
