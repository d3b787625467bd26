"""Documents beside declarations on their way through one transaction, an entry each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from serai.formats.decoded import Document
from serai.journey.documents.personal_data import Cut
from serai.journey.documents.store import StoredSubmission
from serai.journey.documents.submission import Answer, Places, Sender
from serai.journey.linking.returned_goods import Place
from serai.model.findings import Finding


@dataclass(slots=True)
class SupportingDocument:
    """A document on its way. place: where its answer goes. replaced: the version it replaces, if any.

    joins: the case of the declaration that a return names; returned: what of that is back. advice: what
    reading and checking said of it.
    origin: gives places in the sender's own message; None: the document is the message.
    """

    place: int
    kind: str
    document: Document
    sender: Sender
    cut: Cut | None
    document_id: int = 0
    case_id: int = 0
    version: int = 1
    replaced: StoredSubmission | None = None
    joins: int | None = None
    returned: Place | None = None
    advice: Sequence[Finding] = ()
    origin: Places | None = None

    @property
    def amends_version(self) -> int | None:
        """The version it says that it replaces; None: it is an original."""
        version: int | None = getattr(self.document, "amends_version", None)
        return version


@dataclass(slots=True)
class PreparedDocuments:
    """Documents read and checked; answers for those with faults are there already. One entry a document.
    released_case_ids: cases whose goods were released before these came, filled as they are recorded."""

    document_entries: list[SupportingDocument] = field(default_factory=list)
    answers: list[Answer | None] = field(default_factory=list)
    released_case_ids: set[int] = field(default_factory=set)


def documents_of(document_entries: Sequence[SupportingDocument]) -> dict[int, Document]:
    """Return documents by their ids."""
    return {document_entry.document_id: document_entry.document for document_entry in document_entries}
