"""HTTP of GS1 EPCIS 2.0: capture and query interfaces under `/v1/epcis`."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from litestar import Response, get, route
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from serai.formats.epcis.event import Query
from serai.formats.epcis.url_query import read_url_query
from serai.formats.epcis.write_json import GS1_CONTEXT
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.provided import provided
from serai.foundation.http.query_names import ANY_QUERY
from serai.foundation.http.respond import actor_of
from serai.foundation.settings import Settings
from serai.journey.epcis.api_answers import (
    EVENTS_ANSWER,
    HANDLERS,
    HOME,
    AnyRequest,
    PerPage,
    Token,
    answer_query,
    headers_of_page,
    not_found,
)
from serai.journey.epcis.api_captures import capture_event, capture_events, list_captures, read_capture
from serai.journey.epcis.headers import answer_headers, check_headers, discovery_headers
from serai.journey.epcis.pages_of_answers import PER_PAGE, PER_PAGE_MAX, read_token
from serai.journey.epcis.query_faults import QueryFaultyError
from serai.journey.tracking import store
from serai.journey.tracking.capture import ROLLBACK
from serai.journey.tracking.service import TrackingService
from serai.journey.tracking.store import WORD_KINDS
from serai.journey.visibility.table import viewer_of

_EVENTS_OF: Final = {
    "eventTypes": "eventType",
    "epcs": "MATCH_anyEPC",
    "bizSteps": "EQ_bizStep",
    "bizLocations": "EQ_bizLocation",
    "readPoints": "EQ_readPoint",
    "dispositions": "EQ_disposition",
}
_LISTS: Final = {
    "eventTypes": ("EventTypeItemList", "eventType"),
    "bizSteps": ("BizStepItemList", "bizStep"),
    "bizLocations": ("BizLocationItemList", "bizLocation"),
    "readPoints": ("ReadPointItemList", "readPoint"),
    "dispositions": ("DispositionItemList", "disposition"),
}
_RESOURCES: Final = ("capture", "events", *_EVENTS_OF, "queries")
_PAGING: Final = frozenset({"perPage", "nextPageToken"})
_SUB_RESOURCES: Final = ResponseSpec(
    list[str] | dict[str, Any],
    description="Names of what there is below; for `/events` an EPCISQueryDocument",
    media_type=JSON,
    generate_examples=False,
)
_LIST_OF_NAMES: Final = ResponseSpec(
    list[str], description="In the order of the alphabet", media_type=JSON, generate_examples=False
)
_LIST_OF_WORDS: Final = ResponseSpec(
    dict[str, Any],
    description="A list of items of the EPCIS query interface, in the order of the alphabet",
    media_type=JSON,
    generate_examples=False,
)


@get(
    f"{HOME}/events",
    opt={"act": "visibility_events.read", **ANY_QUERY},
    responses=EVENTS_ANSWER,
    exception_handlers=HANDLERS,
    summary="Events by parameters of the EPCIS query language: EQ_bizStep, GE_eventTime, MATCH_anyEPC ...",
)
async def query_events(
    request: AnyRequest, per_page: PerPage = PER_PAGE, token: Token = None
) -> Response[bytes]:
    """Several values stand between bars. What Serai decided is among the events, told as observations.

    A page may be short, even empty: follow the Link header while it names a next page.
    """
    return await _answer(request, per_page, token)


@get(
    f"{HOME}/events/{{event_id:path}}",
    opt={"act": "visibility_events.read", **ANY_QUERY},
    responses=EVENTS_ANSWER,
    exception_handlers=HANDLERS,
    summary="One event by its identifier, with declarations of error about it.",
)
async def read_event(request: AnyRequest, event_id: FromPath[str]) -> Response[bytes]:  # noqa: ARG001
    """The identifier is percent-encoded in the address."""
    (uri,) = _last_steps(request, 1, "events")
    return await _answer(request, PER_PAGE_MAX, None, implied=("EQ_eventID", uri), must_find=True)


def _sub_resource(name: str) -> Any:
    @get(
        f"{HOME}/{name}/{{value:path}}",
        opt={"act": "visibility_events.read", **ANY_QUERY},
        responses={**EVENTS_ANSWER, 200: _SUB_RESOURCES},
        exception_handlers=HANDLERS,
        name=f"epcis-{name}-events",
        operation_id=f"epcis_{name}_events",
        summary=f"What there is of one of {name}; `/events` behind it: its events.",
    )
    async def read_sub_resource(
        request: AnyRequest,
        value: FromPath[str],  # noqa: ARG001 - read from the address as it was sent
        per_page: PerPage = PER_PAGE,
        token: Token = None,
    ) -> Response[Any]:
        """The value is percent-encoded in the address; all parameters of a query may narrow its events."""
        steps = _steps_after(request, name)
        if len(steps) == 1:
            return Response(["events"], headers=answer_headers())
        if len(steps) != 2 or steps[1] != "events":
            raise not_found()
        return await _answer(request, per_page, token, implied=(_EVENTS_OF[name], steps[0]))

    return read_sub_resource


def _listing(name: str) -> Any:
    @get(
        f"{HOME}/{name}",
        opt={"act": "visibility_events.read"},
        responses={200: _LIST_OF_WORDS if name in _LISTS else _LIST_OF_NAMES},
        exception_handlers=HANDLERS,
        name=f"epcis-{name}",
        operation_id=f"epcis_{name}",
        summary=f"The {name} that your events have used; for officers all.",
    )
    async def list_names(
        request: AnyRequest, per_page: PerPage = PER_PAGE, token: Token = None
    ) -> Response[Any]:
        """In the order of the alphabet."""
        service, viewer = provided(request, TrackingService), viewer_of(actor_of(request))
        after = read_token(token, name, str) or ""
        asked: dict[str, Any] = {
            "administration_id": service.administration_id,
            "party_id": None if viewer.is_administration else viewer.party_id or -1,
            "after": after,
            "limit": per_page + 1,
        }
        query = "list_things" if asked["party_id"] is None else "list_things_of_party"
        if name in _LISTS:
            query, asked["kind"] = "list_words", WORD_KINDS.index(_LISTS[name][1]) + 1
        async with service.database.read(service.administration_id) as connection:
            names = await store.list_names(connection, query, asked)
        headers = headers_of_page(request, name, names, per_page, lambda last: last)
        return Response(_listed(name, names[:per_page]), headers=headers)

    return list_names


def _listed(name: str, names: list[str]) -> Any:
    if name not in _LISTS:
        return names
    kind, field = _LISTS[name]
    return {"@context": GS1_CONTEXT, "type": kind, field: names}


async def _answer(
    request: AnyRequest,
    per_page: int,
    token: str | None,
    *,
    implied: tuple[str, str] | None = None,
    must_find: bool = False,
) -> Response[bytes]:
    given = [(name, value) for name, value in request.query_params.multi_items() if name not in _PAGING]
    return await answer_query(request, _read_query(given, implied), per_page, token, must_find=must_find)


def _read_query(given: Sequence[tuple[str, str]], implied: tuple[str, str] | None) -> Query:
    query, findings = read_url_query(given)
    if query is None:
        raise QueryFaultyError(findings)
    if implied is not None:
        # What the address itself names is no list: a bar in it is part of the name.
        name, value = implied
        narrowed, findings = read_url_query([(name, value.replace("|", "%7C"))])
        if narrowed is None:
            raise QueryFaultyError(findings)
        query = msgspec.structs.replace(query, parameters={**query.parameters, **narrowed.parameters})
    return query


# ---- discovery ----


@get(
    HOME,
    opt={"act": "visibility_events.read"},
    exception_handlers=HANDLERS,
    summary="Which resources of EPCIS there are.",
)
async def list_resources(request: AnyRequest) -> Response[list[str]]:
    """Capture, events, and what events can be found by."""
    check_headers(request.headers)
    return Response(list(_RESOURCES), headers=answer_headers())


def _discovery(path: str, allow: str) -> Any:
    @route(
        path,
        http_method=["OPTIONS"],
        opt={"act": "public.read"},
        status_code=204,
        include_in_schema=False,
        name=f"options-{path}",
    )
    async def discover(request: AnyRequest) -> Response[None]:
        """Versions, forms and limits."""
        headers = discovery_headers(allow)
        if path.endswith("/capture"):
            settings = provided(request, Settings).server
            headers |= {
                "GS1-EPCIS-Capture-Limit": str(provided(request, TrackingService).events_count_max),
                "GS1-EPCIS-Capture-File-Size-Limit": str(settings.max_request_bytes),
                "GS1-Capture-Error-Behaviour": ROLLBACK,
            }
        return Response(None, status_code=204, headers=headers)

    return discover


# ---- what requests have in common ----


def _steps_after(request: AnyRequest, name: str) -> list[str]:
    """Return the steps of the address behind a resource, each decoded: a slash within a name was encoded."""
    path = request.scope["raw_path"].decode("ascii").partition("?")[0]
    return [unquote(step) for step in path.partition(f"{HOME}/{name}/")[2].rstrip("/").split("/")]


def _last_steps(request: AnyRequest, count: int, name: str) -> list[str]:
    steps = _steps_after(request, name)
    if len(steps) != count:
        raise not_found()
    return steps


ROUTES: Final = [
    # Before the others of an address, or the framework answers OPTIONS itself.
    _discovery(HOME, "OPTIONS, GET"),
    _discovery(f"{HOME}/capture", "OPTIONS, GET, POST"),
    _discovery(f"{HOME}/events", "OPTIONS, GET, POST"),
    *(_discovery(f"{HOME}/{name}", "OPTIONS, GET") for name in _EVENTS_OF),
    capture_events,
    capture_event,
    list_captures,
    read_capture,
    query_events,
    read_event,
    list_resources,
    *(_listing(name) for name in _EVENTS_OF),
    *(_sub_resource(name) for name in _EVENTS_OF),
]
