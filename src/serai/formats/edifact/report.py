"""What a message about carriage is once read: its documents, each by itself, and what was asked for."""

import msgspec

from serai.formats.edifact.interchange import Interchange, Message
from serai.formats.placed import PlacedGroup, place_in
from serai.model.documents import TransportDocument
from serai.model.findings import Finding


class Unread(msgspec.Struct, frozen=True):
    """A value that is read into no field. place: where it stands."""

    place: str
    text: str


class ReportedDocument(msgspec.Struct, frozen=True):
    """One transport document, or None and all of its faults. place: where it stands; fields: what it was made
    of."""

    place: str
    document: TransportDocument | None
    findings: list[Finding] = []
    fields: PlacedGroup | None = None

    def place_of(self, pointer: str) -> str:
        """Return the place of what a JSON pointer into the document means; what is no such pointer stays."""
        return pointer if self.fields is None else place_in(self.fields, TransportDocument, pointer)


class Report(msgspec.Struct, frozen=True):
    """One message. act: original, replace, change or cancel.

    begins: tag of the segment with which what belongs to a document begins.
    """

    message: Message
    number: str
    act: str
    documents: list[ReportedDocument]
    begins: str
    unread: list[Unread] = []


class Reports(msgspec.Struct, frozen=True):
    """The messages of one interchange. interchange: None where nothing can be made of the bytes.

    findings: on all but single documents; with a fault among them nothing is taken.
    """

    interchange: Interchange | None
    reports: list[Report]
    findings: list[Finding]

    @property
    def is_faulty(self) -> bool:
        """Say whether a finding keeps the whole interchange out."""
        return any(one.severity == "fault" for one in self.findings)

    def all_findings(self) -> list[Finding]:
        """Return the findings on the interchange, then those on each document."""
        of_documents = (
            one for report in self.reports for document in report.documents for one in document.findings
        )
        return [*self.findings, *of_documents]


def place_number(place: str) -> int:
    """Return the number of the segment in its message. place: such as /1/4/RFF/2/2."""
    return int(place.split("/")[2])
