"""Reports of carriage as transport documents, and what was read into no field."""

from serai.formats.convertible import Part, act_not_carried
from serai.formats.decoded import limit_findings
from serai.formats.edifact.report import Report, Reports
from serai.model.findings import Finding

TRANSPORT_DOCUMENT = "transport-document"


def parts_of(reports: Reports) -> list[Part]:
    """Return the documents of an interchange; what is found about it as such is a part without a kind."""
    if reports.is_faulty:
        return [Part("", None, limit_findings(reports.findings))]
    own = [*reports.findings, *(one for report in reports.reports for one in _lost(report))]
    parts = [
        Part(TRANSPORT_DOCUMENT, one.document, limit_findings(one.findings), one.place)
        for report in reports.reports
        for one in report.documents
    ]
    return [*([Part("", None, limit_findings(own))] if own else []), *parts]


def _lost(report: Report) -> list[Finding]:
    unread = [
        Finding("unread-element", one.place, "advice", {"element": one.place[-64:]}) for one in report.unread
    ]
    if report.act == "original":
        return unread
    place = f"/{report.message.number}"
    return [act_not_carried(report.act, place, is_document=bool(report.documents)), *unread]
