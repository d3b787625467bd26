"""Entry summary declarations as transport documents. They are read, and written by nobody here."""

from serai.formats.convertible import Circumstances, Part, act_not_carried
from serai.formats.ics.read import decode_entry_summary
from serai.model.findings import Finding

TRANSPORT_DOCUMENT = "transport-document"


def read_ics(content: bytes, told: Circumstances) -> list[Part]:
    """Read a transport document for each house document; the zone told is that of the office of entry."""
    summary, findings = decode_entry_summary(content, office_zone=told.zone)
    if summary is None or not summary.documents:
        return [Part(TRANSPORT_DOCUMENT, None, findings)]
    lost = [
        Finding("unread-element", one.way, "advice", {"element": one.way[-64:]})
        for unread in summary.unread
        for one in unread
    ]
    if summary.act != "original":
        lost.append(act_not_carried(summary.act, "", is_document=True))
    first, *others = summary.documents
    return [
        Part(TRANSPORT_DOCUMENT, first, lost, _place(first.reference)),
        *(Part(TRANSPORT_DOCUMENT, one, [], _place(one.reference)) for one in others),
    ]


def _place(reference: str) -> str:
    return f"document {reference}"
