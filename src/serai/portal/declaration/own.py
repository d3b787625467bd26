"""A declaration that was sent, opened whole for whoever sent it; that its people were read is recorded."""

from typing import Any

import msgspec
from litestar import Request

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.cases.service import CaseFiles
from serai.journey.cases.vault_contents import read_document, read_people
from serai.journey.documents.not_found import not_found
from serai.journey.visibility.purposes import ReadingPurpose
from serai.journey.visibility.table import viewer_of


class OwnDeclaration(msgspec.Struct, frozen=True):
    """As it is stored. content: without its people; people: role and fields of each, None once erased;
    version: of the declaration."""

    content: dict[str, Any]
    people: list[tuple[str, dict[str, Any] | None]]
    version: int


async def read_own_declaration(
    request: Request[Any, Any, Any], case_id: str, consignment: str, purpose: ReadingPurpose
) -> OwnDeclaration:
    """Open a declaration of whoever asks. consignment: its number, "": the first of the case's.

    Raises SeraiError `not-found`.
    """
    files, actor = provided(request, CaseFiles), actor_of(request)
    viewer, reader = viewer_of(actor), actor.credential_id or "unknown"
    async with files.database.read(files.administration_id) as connection:
        case = await files.open_case(connection, viewer, parse_id(case_id))
        rows = await files.consignments_of(connection, case)
    own = [one for one in rows if one.party_id == actor.party_id]
    row = next((one for one in own if consignment in ("", format_id(one.consignment_id))), None)
    if row is None:
        raise not_found()
    stored = await read_document(files, viewer, case.case_id, row.document_id, reader)
    found = await read_people(files, viewer, case.case_id, purpose, reader)
    name = format_id(row.document_id)
    people = [(one.role, one.fields) for one in found.people if one.document_id == name]
    return OwnDeclaration(stored.content, people, row.version)
