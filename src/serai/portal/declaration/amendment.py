"""A declaration that was sent comes back in its form, to be corrected by whoever sent it."""

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from serai.model.errors import SeraiError
from serai.portal.declaration.own import read_own_declaration
from serai.portal.declaration.pages import show_correction
from serai.portal.declaration.stored import form_of


@post(
    "/parcels/{case_id:str}/amendment",
    opt={"act": "declarations.lodge"},
    status_code=200,
    include_in_schema=False,
)
async def amend(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[str]:
    """Show the form with what was sent; that people were read to correct it is recorded. Raises SeraiError
    `not-found`, `amendment-not-by-form`."""
    wanted = str((await request.form()).get("consignment", ""))
    own = await read_own_declaration(request, case_id, wanted, "correction")
    form = form_of(own.content, own.people, own.version)
    if form is None:
        raise SeraiError(
            "amendment-not-by-form",
            "This declaration says more than the form asks, or its people were erased.",
            "Amend it in the way in which it was sent: by the API, or by a file.",
        )
    return await show_correction(request, form)


ROUTES = [amend]
