"""Papers for the post from a declaration that was filed: nothing of it is asked again but the day of posting.

From the answer to a form that was just sent the papers come of the form itself, so that whoever sent it under
a key has them too; later, of what is stored, for whoever sent it. That its people were read is recorded.
"""

import datetime as dt
from typing import Any, Final

from litestar import Request, Response, post
from litestar.params import FromPath

from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.respond import kit_of, language_of, page
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.portal.declaration.faults import find_faults
from serai.portal.declaration.form import declaration_of, read_form
from serai.portal.declaration.own import read_own_declaration
from serai.portal.declaration.stored import document_of
from serai.portal.law.places import place_name
from serai.portal.postal_forms.customs_form import CATEGORIES, FORMS, FormName, fill_form
from serai.portal.postal_forms.day import today_of
from serai.portal.postal_forms.export_message import POST_CHANNEL, write_export_message

_Request = Request[Any, Any, Any]
_BODY_BYTES_MAX: Final = 64 * 1024
_MESSAGE: Final = "itmatt"
_NOT_SENT: Final = "not-sent"
_DAYS_MAX: Final = 366


@post(
    "/declare/postal-forms",
    opt={"act": "messages.check", "has_own_form_check": True},
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def make_forms_as_typed(request: _Request) -> Response[Any]:
    """Make a paper of the form that the page carries: nothing is read and nothing changed."""
    given = (await request.form()).multi_items()
    # The page also carries which version a correction would replace; a paper is of what was sent.
    form = read_form([(name, text) for name, text in given if name != "amends"], _NOT_SENT)
    if form.reference == _NOT_SENT or find_faults(form, language_of(request)):
        raise SeraiError(
            "postal-form-incomplete",
            "The declaration did not come with this page, or something in it is missing.",
            "Open the parcel and make the paper there, or go to /declare.",
        )
    return await _make(request, declaration_of(form))


@post(
    "/parcels/{case_id:str}/postal-forms",
    opt={"act": "declarations.lodge"},
    status_code=200,
    include_in_schema=False,
)
async def make_forms_as_filed(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Make a paper of what is stored. Raises SeraiError `not-found`, `postal-form-incomplete`."""
    wanted = str((await request.form()).get("consignment", ""))
    own = await read_own_declaration(request, case_id, wanted, "transport-papers")
    document = document_of(own.content, own.people)
    if document is None:
        raise SeraiError(
            "postal-form-incomplete",
            "Names and addresses of this declaration were erased, or it has others than a postal form.",
            "Write the form of your post by hand.",
        )
    return await _make(request, document)


ROUTES = [make_forms_as_typed, make_forms_as_filed]


async def _make(request: _Request, document: Consignment) -> Response[Any]:
    given = await request.form()
    at = kit_of(request).clock.now()
    posted_on = _day(request, given.get("posted_on"))
    paper = given.get("paper")
    if document.logistics_channel_code != POST_CHANNEL:
        raise SeraiError(
            "postal-form-incomplete",
            "This parcel does not go by post: a courier writes its own papers.",
            "Ask your courier.",
        )
    if paper == _MESSAGE:
        return _message(document, posted_on, at)
    name: FormName = next((one for one in FORMS if one == paper), "cn23")
    view = fill_form(name, document, posted_on)
    more = {
        "categories": CATEGORIES,
        "in_english": lambda code: place_name(code, "en").upper(),
    }
    headers = {"cache-control": "no-store"}
    return page(request, view, "portal/postal_form.html", headers=headers, more=more)


def _message(document: Consignment, posted_on: str, at: dt.datetime) -> Response[Any]:
    if not document.house_document:
        raise SeraiError(
            "postal-form-incomplete",
            "The message needs the number of the item, and none was filed.",
            "Go back, choose 'Correct something' and add the tracking number.",
        )
    content = write_export_message(document, posted_on, at)
    headers = {
        "content-disposition": f'attachment; filename="itmatt-{_file_name(document.house_document)}.xml"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type="application/xml", headers=headers)


def _day(request: _Request, given: object) -> str:
    """Return the day of posting; today where none was said."""
    today = today_of(request)
    text = given.strip() if isinstance(given, str) else ""
    if not text:
        return today.isoformat()
    try:
        day: dt.date | None = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or abs((day - today).days) > _DAYS_MAX:
        gettext = interface_words(language_of(request)).gettext
        raise SeraiError(
            "postal-form-incomplete",
            gettext("This is no day of posting."),
            gettext("Enter a day as year-month-day, for instance 2026-11-30."),
        )
    return day.isoformat()


def _file_name(number: str) -> str:
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in number)
