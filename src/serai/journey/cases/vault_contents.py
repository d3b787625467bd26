"""What is opened from the vault for a viewer: documents and people. Each reading is recorded."""

import msgspec

from serai.foundation.access.actor_names import ActorName, name_actors
from serai.foundation.id_text import format_id
from serai.foundation.vault.reading import Reach, Read, list_reads, open_messages, open_people
from serai.journey.case_records.answers import DocumentContent, LedgerOut, PeopleOut, PersonOut, ReadOut
from serai.journey.case_records.documents import document_out, is_own, is_readable, people_of
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments import store
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.visibility.open_case import not_found
from serai.journey.visibility.purposes import require_purpose
from serai.journey.visibility.table import Viewer, may_see, show


async def read_document(
    files: CaseFiles, viewer: Viewer, case_id: int, document_id: int, actor: str
) -> DocumentContent:
    """Return a document's content as the viewer sees it; the vault's ledger tells of it. What is not for the
    viewer to read is not opened. Raises `not-found`.
    """
    async with files.database.read(files.administration_id) as connection:
        case = await files.open_case(connection, viewer, case_id)
        documents = await files.documents_of(connection, case)
    row = next((one for one in documents if one.document_id == document_id), None)
    if row is None:
        raise not_found()
    if not is_readable(case, row):
        return DocumentContent(document=document_out(case, row), content={})
    reach = Reach(files.administration_id, "show-document", actor, files.clock.now())
    opened = await open_messages(files.database.write, files.keyring, files.codec, [document_id], reach)
    if document_id not in opened:
        raise not_found()
    content = msgspec.json.decode(opened[document_id].value)
    kind = DOCUMENT_KINDS[row.kind - 1]
    shown = show(viewer, kind, content, is_sender=is_own(case, row), names_viewer=row.names_viewer)
    return DocumentContent(document=document_out(case, row), content=shown)


async def read_people(files: CaseFiles, viewer: Viewer, case_id: int, purpose: str, actor: str) -> PeopleOut:
    """Open the people of a case from the vault: for officers all, for a declarant those of its own
    documents. Each reading is recorded.

    actor: who reads, as the ledger keeps it. Raises `not-found` (also where there is nobody the viewer may
    see), `vault-purpose-missing`.
    """
    async with files.database.read(files.administration_id) as connection:
        case = await files.open_case(connection, viewer, case_id)
        documents = await files.documents_of(connection, case)
    wanted = [
        (person_id, row, role)
        for row in documents
        if may_see(viewer, "case", "people", is_sender=is_own(case, row))
        for person_id, role in people_of(row)
    ]
    if not wanted:
        raise not_found()
    require_purpose(viewer, purpose)
    reach = Reach(files.administration_id, purpose, actor, files.clock.now())
    records = [(person_id, row.document_id) for person_id, row, _ in wanted]
    opened = await open_people(files.database.write, files.keyring, records, reach)
    return PeopleOut(
        case_id=format_id(case.case_id),
        purpose=purpose,
        people=[
            PersonOut(
                person_id=format_id(person_id),
                document_id=format_id(row.document_id),
                document_kind=DOCUMENT_KINDS[row.kind - 1],
                role=role,
                fields=msgspec.json.decode(opened[person_id, row.document_id].value)
                if (person_id, row.document_id) in opened
                else None,
            )
            for person_id, row, role in wanted
        ],
    )


async def read_ledger(files: CaseFiles, viewer: Viewer, person_id: int) -> LedgerOut:
    """Return who read a person's fields: for officers, and for the party whose document holds
    the person, to whom the people of the administration are not named. Raises `not-found`.
    """
    async with files.database.write() as connection:
        administration_id = files.administration_id
        if not viewer.is_officer and not await store.select_is_sender_of_person(
            connection, person_id, party_id=viewer.party_id, administration_id=administration_id
        ):
            raise not_found()
        reads = await list_reads(connection, person_id, administration_id=administration_id)
        actors = {read.actor for read in reads}
        names = await name_actors(connection, actors, administration_id=administration_id)
    if not reads:
        raise not_found()
    return LedgerOut(
        person_id=format_id(person_id),
        reads=[_read_out(viewer, read, names.get(read.actor)) for read in reads],
    )


def _read_out(viewer: Viewer, read: Read, found: ActorName | None) -> ReadOut:
    """Show a reading: which person it was to officers and to the person's own party, else which party."""
    actor, _, _ = read.actor.partition(":")
    name = "an officer of the administration" if found and found.party_id is None else ""
    if viewer.is_officer or (found and found.party_id is not None and found.party_id == viewer.party_id):
        actor, name = read.actor, (found.person or found.name) if found else ""
    elif found and found.party_id is not None:
        name = found.name
    return ReadOut(
        read_at=read.read_at,
        purpose=read.purpose,
        actor=actor,
        name=name,
        document_id=format_id(read.record_id),
    )
