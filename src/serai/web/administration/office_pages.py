"""The page of customs offices: list, add, change, end."""

import datetime as dt
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import page
from serai.journey.offices.store import OfficeRow
from serai.model.errors import SeraiError
from serai.web.administering_api import acting_user_of
from serai.web.administration.faults import faults_of, faults_of_error
from serai.web.administration.office_acts import end_office, set_office
from serai.web.administration.offices_api import REFERENCE, NewOffice, as_given
from serai.web.case_files import office_book

_Request = Request[Any, Any, Any]
_MANAGE: Final = {"act": "offices.manage"}
_LINES: Final = ("name", "address", "hours", "contact")
_FAULTY: Final = 422


class OfficesView(msgspec.Struct, frozen=True):
    """What the page shows. later: what is written for days to come. is_waiting: what was asked for waits."""

    offices: list[OfficeRow]
    later: list[OfficeRow]
    faults: dict[str, str]
    form: dict[str, str]
    is_waiting: bool


@get("/administration/offices", opt=_MANAGE, include_in_schema=False)
async def show_offices(request: _Request) -> Response[str]:
    """Show the customs offices."""
    return await _page(request)


@post("/administration/offices", opt=_MANAGE, include_in_schema=False, status_code=303)
async def write_office(request: _Request) -> Response[Any]:
    """Add or change an office; the same again changes nothing."""
    form = await request.form()
    names = ("reference", *_LINES, "country_codes", "channel_codes", "valid_from")
    typed = {key: " ".join(str(form.get(key, "")).split())[:301] for key in names}
    wrong = [key for key in _LINES if not typed[key] or not typed[key].isprintable()]
    if not REFERENCE.fullmatch(typed["reference"]):
        wrong.append("reference")
    given: dict[str, Any] = {key: typed[key] for key in _LINES}
    for key in ("country_codes", "channel_codes"):
        given[key] = typed[key].replace(",", " ").split()
    given["valid_from"] = _read_day(typed["valid_from"], wrong)
    if wrong:
        return await _page(request, faults_of(request, *wrong), typed)
    try:
        new = msgspec.convert(given, NewOffice)
    except msgspec.ValidationError as fault:
        named = next((key for key in given if f"$.{key}" in str(fault)), "name")
        return await _page(request, faults_of(request, named), typed)
    try:
        _, _, proposal = await set_office(
            provided(request, Node),
            acting_user_of(request),
            typed["reference"],
            as_given(new),
            new.valid_from,
        )
    except SeraiError as error:
        return await _page(request, faults_of_error(request, error), typed)
    return _back() if proposal is None else await _page(request, is_waiting=True)


@post("/administration/offices/{office:str}/end", opt=_MANAGE, include_in_schema=False, status_code=303)
async def end(request: _Request, office: FromPath[str]) -> Response[Any]:
    """End an office at once; again changes nothing."""
    _, proposal = await end_office(provided(request, Node), acting_user_of(request), office, None)
    return _back() if proposal is None else await _page(request, is_waiting=True)


ROUTES = [show_offices, write_office, end]


def _read_day(text: str, wrong: list[str]) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        wrong.append("valid_from")
        return None


def _back() -> Response[None]:
    return Response(None, status_code=303, headers={"location": "/administration/offices"})


async def _page(
    request: _Request,
    faults: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    *,
    is_waiting: bool = False,
) -> Response[str]:
    node, by = provided(request, Node), acting_user_of(request)
    book = office_book(node)
    async with node.database.read(by.administration_id) as connection:
        rows = await book.list_rows(connection, by.at)
    today = book.day_of(by.at)
    view = OfficesView(
        [one for one in rows if one.valid_from <= today],
        [one for one in rows if one.valid_from > today],
        faults or {},
        form or {},
        is_waiting,
    )
    status = _FAULTY if faults else 200
    return page(request, view, "portal/administration/offices.html", status=status)
