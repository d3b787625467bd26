"""A declaration that was sent comes back in its form, to be corrected by whoever sent it."""

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.cases.service import CaseFiles
from serai.journey.cases.vault_contents import read_document, read_people
from serai.journey.documents.not_found import not_found
from serai.journey.visibility.table import viewer_of
from serai.model.errors import SeraiError
from serai.portal.declaration.pages import show_correction
from serai.portal.declaration.stored import form_of

_PURPOSE = "correction"


@post(
    "/parcels/{case_id:str}/amendment",
    opt={"act": "declarations.lodge"},
    status_code=200,
    include_in_schema=False,
)
async def amend(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[str]:
    """Show the form with what was sent; that people were read to correct it is recorded. Raises SeraiError
    `not-found`, `amendment-not-by-form`."""
    files, actor = provided(request, CaseFiles), actor_of(request)
    viewer, reader = viewer_of(actor), actor.credential_id or "unknown"
    wanted = str((await request.form()).get("consignment", ""))
    async with files.database.read(files.administration_id) as connection:
        case = await files.open_case(connection, viewer, parse_id(case_id))
        rows = await files.consignments_of(connection, case)
    own = [one for one in rows if one.party_id == actor.party_id]
    row = next((one for one in own if wanted in ("", format_id(one.consignment_id))), None)
    if row is None:
        raise not_found()
    stored = await read_document(files, viewer, case.case_id, row.document_id, reader)
    found = await read_people(files, viewer, case.case_id, _PURPOSE, reader)
    name = format_id(row.document_id)
    people = [(one.role, one.fields) for one in found.people if one.document_id == name]
    form = form_of(stored.content, people, row.version)
    if form is None:
        raise SeraiError(
            "amendment-not-by-form",
            "This declaration says more than the form asks, or its people were erased.",
            "Amend it in the way in which it was sent: by the API, or by a file.",
        )
    return await show_correction(request, form)


ROUTES = [amend]
