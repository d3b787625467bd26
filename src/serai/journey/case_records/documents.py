"""The documents of a case: whose they are, what a viewer learns of them, and who is named in them."""

from serai.foundation.id_text import format_id
from serai.foundation.ids import following
from serai.journey.case_records import store as case_store
from serai.journey.case_records.answers import DocumentOut
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.visibility.open_case import OpenCase
from serai.journey.visibility.table import may_read, may_see
from serai.model.documents import roles_of


def is_own(case: OpenCase, row: case_store.CaseDocumentRow) -> bool:
    """Say whether the viewer's party sent a document."""
    return case.viewer.party_id is not None and row.party_id == case.viewer.party_id


def is_readable(case: OpenCase, row: case_store.CaseDocumentRow) -> bool:
    """Say whether the viewer may read a document."""
    return may_read(case.viewer, is_sender=is_own(case, row), names_viewer=row.names_viewer)


def document_out(case: OpenCase, row: case_store.CaseDocumentRow) -> DocumentOut:
    """Return what a viewer learns of a document; of its sender only some do."""
    return DocumentOut(
        document_id=format_id(row.document_id),
        kind=DOCUMENT_KINDS[row.kind - 1],
        version=row.version,
        received_at=row.received_at,
        is_confirmed=row.is_confirmed,
        is_own=is_own(case, row),
        is_readable=is_readable(case, row),
        role=row.role,
        sender=row.party_name
        if may_see(case.viewer, "case", "senders", is_sender=is_own(case, row))
        else None,
    )


def people_of(row: case_store.CaseDocumentRow) -> list[tuple[int, str]]:
    """Return vault ids and roles of the people of a document: their ids were taken one after the other."""
    roles = roles_of(row.person_roles)
    return list(zip(following(row.first_person_id, len(roles)), roles, strict=True)) if roles else []
