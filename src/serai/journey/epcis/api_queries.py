"""HTTP for queries that a party gives a name and asks again and again."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath
from msgspec import Meta

from serai.formats.epcis.event import Query
from serai.formats.epcis.event_filter import make_filter
from serai.formats.epcis.read import read_message
from serai.formats.json_faults import find_faults
from serai.foundation.http.body import open_body
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.journey.epcis import query_store
from serai.journey.epcis.api_answers import (
    EVENTS_ANSWER,
    HANDLERS,
    HOME,
    PROBLEMS,
    AnyRequest,
    PerPage,
    Token,
    answer_query,
    headers_of_page,
    not_found,
    own_address,
    party_of,
)
from serai.journey.epcis.headers import JSON_LD, answer_headers
from serai.journey.epcis.pages_of_answers import PER_PAGE, read_token
from serai.journey.epcis.query_faults import QueryFaultyError
from serai.journey.epcis.query_store import QueryRow
from serai.journey.tracking.service import TrackingService
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText

QUERIES_COUNT_MAX: Final = 100
_LISTED: Final = "queries"
_BODY_BYTES_MAX: Final = 1 << 18


class QueryDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query and its name. query: parameters of a SimpleEventQuery as JSON, as EQ_bizStep: [shipping]."""

    name: Annotated[str, Meta(pattern="^[A-Za-z0-9_.~-]+$", max_length=100)]
    query: dict[str, Any]


_DECODER: Final = msgspec.json.Decoder(QueryDefinition)


class NamedQuery(msgspec.Struct, frozen=True):
    """A query as it was named."""

    name: str
    createdAt: dt.datetime  # noqa: N815 - the standard's name
    query: dict[str, Any]


@post(
    f"{HOME}/queries",
    opt={"act": "visibility_events.read"},
    status_code=201,
    responses=PROBLEMS,
    exception_handlers=HANDLERS,
    summary="Give a query a name.",
)
async def create_query(request: AnyRequest) -> Response[NamedQuery]:
    """Its events are at `/events` below its address. Only your party sees it."""
    service, party_id = provided(request, TrackingService), party_of(actor_of(request))
    data = await _read_definition(request)
    _read_parameters(data.query)
    row = QueryRow(data.name, msgspec.json.encode(data.query).decode(), service.clock.now())

    async def work(connection: Any) -> bool:
        return await query_store.insert_query(
            connection,
            row,
            administration_id=service.administration_id,
            party_id=party_id,
            most_count=QUERIES_COUNT_MAX,
        )

    if not await service.write(work):
        raise SeraiError(
            "epcis-query-exists",
            MessageText(
                "You have a query of this name, or {count_max} queries.", count_max=QUERIES_COUNT_MAX
            ),
            "Take another name, or delete a query first.",
        )
    address = f"{own_address(request)}{HOME}/queries/{row.name}"
    return Response(_named(row), status_code=201, headers={**answer_headers(), "location": address})


@get(
    f"{HOME}/queries",
    opt={"act": "visibility_events.read"},
    exception_handlers=HANDLERS,
    summary="Your queries that have a name.",
)
async def list_queries(
    request: AnyRequest, per_page: PerPage = PER_PAGE, token: Token = None
) -> Response[list[NamedQuery]]:
    """By name."""
    service = provided(request, TrackingService)
    async with service.database.read(service.administration_id) as connection:
        rows = await query_store.select_queries(
            connection,
            administration_id=service.administration_id,
            party_id=party_of(actor_of(request)),
            after=read_token(token, _LISTED, str) or "",
            limit=per_page + 1,
        )
    headers = headers_of_page(request, _LISTED, rows, per_page, lambda row: row.name)
    return Response([_named(row) for row in rows[:per_page]], headers=headers)


@get(
    f"{HOME}/queries/{{query_name:str}}",
    opt={"act": "visibility_events.read"},
    responses=PROBLEMS,
    exception_handlers=HANDLERS,
    summary="A query by its name.",
)
async def read_query(request: AnyRequest, query_name: FromPath[str]) -> Response[NamedQuery]:
    """As it was sent."""
    return Response(_named(await _find(request, query_name)), headers=answer_headers())


@get(
    f"{HOME}/queries/{{query_name:str}}/events",
    opt={"act": "visibility_events.read"},
    responses=EVENTS_ANSWER,
    exception_handlers=HANDLERS,
    summary="The events that a query with a name asks for, as they are now.",
)
async def read_query_events(
    request: AnyRequest, query_name: FromPath[str], per_page: PerPage = PER_PAGE, token: Token = None
) -> Response[bytes]:
    """Page after page, as with `/events`."""
    row = await _find(request, query_name)
    query = _read_parameters(msgspec.json.decode(row.query))
    return await answer_query(request, query, per_page, token, name=row.name)


@delete(
    f"{HOME}/queries/{{query_name:str}}",
    opt={"act": "visibility_events.read"},
    status_code=204,
    responses=PROBLEMS,
    exception_handlers=HANDLERS,
    summary="Forget a query's name.",
)
async def delete_query(request: AnyRequest, query_name: FromPath[str]) -> None:
    """Its events stay."""
    service, party_id = provided(request, TrackingService), party_of(actor_of(request))

    async def work(connection: Any) -> bool:
        return await query_store.delete_query(
            connection, query_name, administration_id=service.administration_id, party_id=party_id
        )

    if not _is_name(query_name) or not await service.write(work):
        raise not_found()


async def _find(request: AnyRequest, name: str) -> QueryRow:
    service, party_id = provided(request, TrackingService), party_of(actor_of(request))
    if not _is_name(name):
        raise not_found()
    async with service.database.read(service.administration_id) as connection:
        row = await query_store.select_query(
            connection, name, administration_id=service.administration_id, party_id=party_id
        )
    if row is None:
        raise not_found()
    return row


async def _read_definition(request: AnyRequest) -> QueryDefinition:
    """Read the body. Raises QueryFaultyError with everything that is wrong with it."""
    content = await open_body(request, media_types=(JSON, JSON_LD), bytes_max=_BODY_BYTES_MAX).read()
    try:
        return _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise QueryFaultyError(find_faults(content, QueryDefinition, _BODY_BYTES_MAX)) from None


def _is_name(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _read_parameters(parameters: dict[str, Any]) -> Query:
    """Read the parameters of a query. Raises QueryFaultyError with places in the body that named it."""
    if not parameters:
        return Query(name="SimpleEventQuery", parameters={})
    read, findings = read_message(msgspec.json.encode(parameters))
    if isinstance(read, Query):
        findings = make_filter(read)[1]
        if not findings:
            return read
    elif read is not None:
        findings = [Finding("epcis-parameter-unknown", "", parameters={"field": "type"})]
    faults = [one for one in findings if one.severity == "fault"]
    raise QueryFaultyError(
        [msgspec.structs.replace(one, pointer=f"/query/{one.pointer.lstrip('/')}") for one in faults]
    )


def _named(row: QueryRow) -> NamedQuery:
    return NamedQuery(row.name, row.created_at, msgspec.json.decode(row.query))


ROUTES: Final = [create_query, list_queries, read_query, read_query_events, delete_query]
