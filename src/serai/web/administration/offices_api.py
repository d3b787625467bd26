"""HTTP for customs offices: which there are, add and change one, end one."""

import datetime as dt
import re
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, delete, get, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.journey.offices.office import Office
from serai.journey.offices.store import OfficeRow
from serai.model.errors import SeraiError
from serai.web.administering_api import PLAIN_TEXT, AnyRequest, acting_user_of, problem
from serai.web.administration.office_acts import end_office, set_office
from serai.web.approvals_api import WAITS, answer_proposal
from serai.web.case_files import office_book

REFERENCE: Final = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,34}", re.ASCII)
_Line = Annotated[str, Meta(min_length=1, max_length=300, pattern=PLAIN_TEXT)]
_Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
_Channel = Annotated[str, Meta(pattern="^[a-z]{1,20}$")]
_ValidFrom = Annotated[
    dt.date | None, QueryParameter(description="The first day without it; none: it ends at once.")
]


class NewOffice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customs office as it is to be. country_codes: of consignees, channel_codes: of logistics, that it is
    responsible for; none: any. valid_from: the first day of it; none: at once."""

    name: _Line
    address: _Line
    hours: _Line
    contact: _Line
    country_codes: Annotated[list[_Country], Meta(max_length=250)] = []
    channel_codes: Annotated[list[_Channel], Meta(max_length=20)] = []
    valid_from: dt.date | None = None


class ListedOffice(msgspec.Struct, frozen=True):
    """What a customs office is from a day on. office: its reference. is_ended: it is none then."""

    office: str
    name: str
    address: str
    hours: str
    contact: str
    country_codes: list[str]
    channel_codes: list[str]
    valid_from: dt.date
    is_ended: bool


class OfficesOut(msgspec.Struct, frozen=True):
    """The customs offices, in the order in which they are asked who is responsible; then what is written for
    later days."""

    offices: list[ListedOffice]


@get(
    "/v1/offices",
    opt={"act": "administering.read"},
    summary="The customs offices, and what is written of them for later days.",
)
async def read_offices(request: AnyRequest) -> OfficesOut:
    """Those of the file that the settings name, where none was written."""
    node, by = provided(request, Node), acting_user_of(request)
    async with node.database.read(by.administration_id) as connection:
        rows = await office_book(node).list_rows(connection, by.at)
    return OfficesOut([_listed(one) for one in rows])


@put(
    "/v1/offices/{office:str}",
    opt={"act": "offices.manage"},
    summary="Add or change a customs office.",
    responses={
        200: ResponseSpec(
            ListedOffice, description="It was changed, or is so already", generate_examples=False
        ),
        201: ResponseSpec(ListedOffice, description="It was added", generate_examples=False),
        202: WAITS,
        400: problem("The day is past, or the request cannot be read"),
    },
)
async def put_office(request: AnyRequest, office: FromPath[str], data: JSONBody[NewOffice]) -> Response[Any]:
    """It stands on cases, decisions and pages from its day on. The same again changes nothing."""
    row, is_new, proposal = await set_office(
        provided(request, Node),
        acting_user_of(request),
        fit_reference(office),
        as_given(data),
        data.valid_from,
    )
    if proposal is not None:
        return answer_proposal(proposal)
    return Response(_listed(row), status_code=201 if is_new else 200)


@delete(
    "/v1/offices/{office:str}",
    opt={"act": "offices.manage"},
    status_code=200,
    summary="End a customs office.",
    responses={
        200: ResponseSpec(ListedOffice, description="It has ended, or will", generate_examples=False),
        202: WAITS,
        400: problem("The day is past"),
        404: problem("There is no such customs office"),
    },
)
async def delete_office(
    request: AnyRequest, office: FromPath[str], valid_from: _ValidFrom = None
) -> Response[Any]:
    """What stood on decisions before stays. Again changes nothing."""
    row, proposal = await end_office(provided(request, Node), acting_user_of(request), office, valid_from)
    if proposal is not None:
        return answer_proposal(proposal)
    return Response(_listed(row))


ROUTES = [read_offices, put_office, delete_office]


def fit_reference(text: str) -> str:
    """Return the reference of an office. Raises SeraiError `input-faulty`."""
    if not REFERENCE.fullmatch(text):
        raise SeraiError(
            "input-faulty",
            "The reference of an office has up to 35 letters, digits, dots, lines and underlines.",
            "Give it such a reference, for instance POST-1.",
        )
    return text


def as_given(data: NewOffice) -> Office:
    """Return what was given as an office, its codes sorted."""
    return Office(
        data.name,
        data.address,
        data.hours,
        data.contact,
        sorted(set(data.country_codes)),
        sorted(set(data.channel_codes)),
    )


def _listed(row: OfficeRow) -> ListedOffice:
    return ListedOffice(
        row.reference, row.name, row.address, row.hours, row.contact, row.country_codes, row.channel_codes,
        row.valid_from, row.is_ended,
    )  # fmt: skip
