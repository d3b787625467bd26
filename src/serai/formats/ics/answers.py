"""What is answered to an entry summary: taken or refused at once, and what becomes of it before loading.

The two answers at once are those of HMRC's entry declaration store (SuccessResponse 2, ErrorResponse 2.0).
What comes later has the names of the Union's ICS2 (IE328, IE304, IE3N03, IE3Q01, IE3Q02, IE3Q03); their
content is written after public descriptions and unverified: no real message of these was at hand.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from lxml import etree

SUCCESS: Final = "http://www.hmrc.gov.uk/successresponse/2"
RESPONSE_DATA: Final = "http://www.govtalk.gov.uk/enforcement/ICS/responsedata/7"
ERRORS: Final = "http://www.govtalk.gov.uk/CM/errorresponse"
OUTCOMES: Final = "urn:serai:ics2:unverified"
"""Our own: it must not be taken for a name space of the Union."""

MESSAGES: Final = {
    "assessment-complete": "IE3N03",
    "do-not-load": "IE3Q01",
    "request-for-information": "IE3Q02",
    "request-for-screening": "IE3Q03",
}
"""Outcome before loading -> message of ICS2. While somebody looks at it, there is none."""


class Refused(msgspec.Struct, frozen=True):
    """An error of a message. number: of the standard; None for what the standard does not number."""

    number: str | None
    text: str
    location: str


class Outcome(msgspec.Struct, frozen=True):
    """What became of one transport document. message: IE328 and the like. texts: sentence and remedy of each
    reason. referral: by which an answer names the question. answer_by: an instant."""

    message: str
    mrn: str
    house_document: str
    issued_at: dt.datetime
    texts: Sequence[str] = ()
    referral: str | None = None
    answer_by: dt.datetime | None = None


def write_success(correlation: str) -> bytes:
    """Say that a message was taken. correlation: at most 14 characters."""
    root = etree.Element(f"{{{SUCCESS}}}SuccessResponse", nsmap={"ns": SUCCESS, None: RESPONSE_DATA})
    data = etree.SubElement(root, f"{{{SUCCESS}}}ResponseData")
    own = etree.SubElement(data, f"{{{RESPONSE_DATA}}}ICSResponseData")
    etree.SubElement(own, f"{{{RESPONSE_DATA}}}CorrelationId").text = correlation
    return _written(root)


def write_errors(errors: Sequence[Refused]) -> bytes:
    """Say that a message was not taken: all errors, each with number and location."""
    root = etree.Element(f"{{{ERRORS}}}ErrorResponse", {"SchemaVersion": "2.0"}, nsmap={"err": ERRORS})
    count = _below(root, "Application")
    _below(count, "MessageCount", str(len(errors)))
    for one in errors:
        error = _below(root, "Error")
        _below(error, "RaisedBy", "Serai")
        if one.number is not None:
            _below(error, "Number", one.number)
        _below(error, "Type", "business")
        _below(error, "Text", one.text)
        _below(error, "Location", one.location)
    return _written(root)


def write_outcome(outcome: Outcome) -> bytes:
    """Say what became of a transport document."""
    root = etree.Element(f"{{{OUTCOMES}}}{outcome.message}", nsmap={None: OUTCOMES})
    _below(root, "MRN", outcome.mrn)
    _below(root, "documentIssueDate", _instant(outcome.issued_at))
    _below(_below(root, "TransportDocumentHouseLevel"), "documentNumber", outcome.house_document)
    if outcome.referral is not None:
        referral = _below(root, "ReferralRequestDetails")
        _below(referral, "referralRequestReference", outcome.referral)
        if outcome.answer_by is not None:
            _below(referral, "responseDeadline", _instant(outcome.answer_by))
    for text in outcome.texts:
        _below(_below(root, "AdditionalInformation"), "text", text)
    return _written(root)


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _below(parent: Any, name: str, text: str | None = None) -> Any:
    """Add an element in the name space of its parent."""
    element = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    element.text = text
    return element


def _written(root: Any) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
