"""HTTP of GS1 EPCIS 2.0: capture and query interfaces under `/v1/epcis`."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Final, cast
from urllib.parse import quote, unquote

import msgspec
from litestar import Request, Response, get, post, route
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, QueryParameter

from serai.formats.epcis.canonical_event import canonical_event
from serai.formats.epcis.event import Event, Message, Query
from serai.formats.epcis.url_query import read_url_query
from serai.formats.epcis.write_json import GS1_CONTEXT, write_json
from serai.formats.epcis.write_xml import write_xml
from serai.foundation.access.actor import Actor
from serai.foundation.http.body import open_body
from serai.foundation.http.document_problems import FindingOut
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import ServerSettings
from serai.journey.follow.epcis import store
from serai.journey.follow.epcis.arriving import ArrivalDoor, ArrivalOut, report_arrivals
from serai.journey.follow.epcis.capture import (
    PROCEED,
    ROLLBACK,
    Captured,
    capture_message,
    read_capture_receipt,
)
from serai.journey.follow.epcis.desk import Asker, EpcisDesk
from serai.journey.follow.epcis.headers import (
    MEDIA_TYPES,
    TEXT_XML,
    XML,
    Written,
    answer_headers,
    check_headers,
    choose_form,
    discovery_headers,
)
from serai.journey.follow.epcis.pages_of_answers import (
    PER_PAGE,
    PER_PAGE_MAX,
    link_to_next,
    read_token,
    write_token,
)
from serai.journey.follow.epcis.problems import EpcisProblem, answer_epcis_error
from serai.journey.follow.epcis.querying import (
    KEYED_COUNT_MAX,
    Place,
    QueryFaultyError,
    order_of,
    tell_events,
)
from serai.journey.follow.epcis.store import WORD_KINDS, CaptureRow
from serai.journey.follow.visibility import viewer_of
from serai.model.errors import SeraiError
from serai.model.findings import Finding

HOME: Final = "/v1/epcis"
TAGS: Final = ["Visibility events"]

_AnyRequest = Request[Any, Any, Any]
_PerPage = Annotated[
    int, QueryParameter(name="perPage", ge=1, le=PER_PAGE_MAX, description="Most on a page.")
]
_Token = Annotated[
    str | None, QueryParameter(name="nextPageToken", description="From the Link header of the page before.")
]
_Behaviour = Annotated[
    str,
    HeaderParameter(
        name="GS1-Capture-Error-Behaviour",
        pattern=f"^({ROLLBACK}|{PROCEED})$",
        description="`rollback`: all events or none; `proceed`: those that are sound.",
    ),
]
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
_RESOURCES: Final = ("capture", "events", *_EVENTS_OF)
_PAGING: Final = frozenset({"perPage", "nextPageToken"})
_PROBLEMS: Final = {
    400: ResponseSpec(
        EpcisProblem,
        description="What is wrong, all of it",
        media_type=PROBLEM_MEDIA_TYPE,
        generate_examples=False,
    ),
}
_EVENTS_ANSWER: Final = {
    200: ResponseSpec(
        dict[str, Any],
        description="An EPCISQueryDocument, as JSON or as XML",
        media_type=JSON,
        generate_examples=False,
    ),
    **_PROBLEMS,
}
_SUB_RESOURCES: Final = ResponseSpec(
    list[str] | dict[str, Any],
    description="Names of what there is below; for `/events` an EPCISQueryDocument",
    media_type=JSON,
    generate_examples=False,
)
_HANDLERS: Final[Any] = {Exception: answer_epcis_error}


class CaptureJob(msgspec.Struct, frozen=True, omit_defaults=True):
    """A capture, which has run when its address is given. `receipt` proves what was taken.

    The receipt's field `events` commits to SHA-256 digests of the events' canonical texts (CBV 2.0), joined
    in the order of the message; `salt` (base 64) opens it.
    """

    captureID: str  # noqa: N815 - the standard's name
    createdAt: dt.datetime  # noqa: N815
    finishedAt: dt.datetime  # noqa: N815
    captureErrorBehaviour: str  # noqa: N815
    running: bool
    success: bool
    errors: list[FindingOut]
    eventCount: int = -1  # noqa: N815
    takenCount: int = -1  # noqa: N815
    repeatedCount: int = -1  # noqa: N815
    eventIDs: list[str] = []  # noqa: N815
    arrivals: list[ArrivalOut] = []
    receipt: msgspec.Raw | None = None
    salt: bytes = b""


# ---- capture ----


@post(
    f"{HOME}/capture",
    opt={"act": "visibility_events.capture"},
    status_code=202,
    responses=_PROBLEMS,
    exception_handlers=_HANDLERS,
    request_max_body_size=None,
    tags=TAGS,
    summary="Capture the events of an EPCIS document, JSON or XML.",
)
async def capture_events(request: _AnyRequest, behaviour: _Behaviour = ROLLBACK) -> Response[CaptureJob]:
    """When the answer comes, the job has run and what it took is durable. Repeats are harmless.

    With `rollback` a fault anywhere refuses the message with all that is wrong; with `proceed` the job names
    the events that were not taken.
    """
    captured, arrivals = await _capture(request, behaviour)
    job = _job(request, captured.row, captured.findings, arrivals)
    receipt = msgspec.Raw(captured.receipt)
    job = msgspec.structs.replace(job, receipt=receipt, eventIDs=[one.event_uri for one in captured.taken])
    address = f"{_own_address(request)}{HOME}/capture/{job.captureID}"
    headers = {**answer_headers(), "GS1-Capture-Error-Behaviour": behaviour, "location": address}
    return Response(job, status_code=202, headers=headers)


@post(
    f"{HOME}/events",
    opt={"act": "visibility_events.capture"},
    status_code=201,
    responses=_PROBLEMS,
    exception_handlers=_HANDLERS,
    request_max_body_size=None,
    tags=TAGS,
    summary="Capture one event.",
)
async def capture_event(request: _AnyRequest) -> Response[bytes]:
    """The event's address stands in Location; without an identifier of its own it is named by its hash."""
    captured, _ = await _capture(request, ROLLBACK, is_single=True)
    taken = captured.taken[0]
    event = msgspec.structs.replace(taken.event, event_id=taken.event_uri)
    content = write_json(Message(kind=event.kind, events=(event,))).content
    address = f"{_own_address(request)}{HOME}/events/{quote(taken.event_uri, safe='')}"
    return Response(
        content, status_code=201, media_type=JSON, headers={**answer_headers(), "location": address}
    )


@get(
    f"{HOME}/capture",
    opt={"act": "visibility_events.read"},
    exception_handlers=_HANDLERS,
    tags=TAGS,
    summary="Your captures, newest first.",
)
async def list_captures(
    request: _AnyRequest, per_page: _PerPage = PER_PAGE, token: _Token = None
) -> Response[list[CaptureJob]]:
    """Receipts stand with each capture by itself."""
    desk, actor = _desk(request), actor_of(request)
    before_id = read_token(token, "captures", int) or 2**63 - 1
    async with desk.database.read(desk.administration_id) as connection:
        rows = await store.select_captures(
            connection,
            administration_id=desk.administration_id,
            party_id=_party_of(actor),
            before_id=before_id,
            limit=per_page + 1,
        )
    headers = answer_headers()
    if len(rows) > per_page:
        headers["link"] = _link(request, write_token("captures", rows[per_page - 1].capture_id))
    return Response([_stored_job(request, row) for row in rows[:per_page]], headers=headers)


@get(
    f"{HOME}/capture/{{capture_id:str}}",
    opt={"act": "visibility_events.read"},
    exception_handlers=_HANDLERS,
    tags=TAGS,
    summary="One capture: what was taken, what not and why, and the receipt.",
)
async def read_capture(request: _AnyRequest, capture_id: FromPath[str]) -> Response[CaptureJob]:
    """The receipt is a signed promise for some seconds, then a proof in the log."""
    desk, actor = _desk(request), actor_of(request)
    number = parse_id(capture_id)
    viewer = viewer_of(actor)
    async with desk.database.read(desk.administration_id) as connection:
        row = await store.select_capture(
            connection,
            number,
            administration_id=desk.administration_id,
            party_id=None if viewer.is_administration else viewer.party_id or -1,
        )
        if row is None:
            raise _not_found()
        receipt = await read_capture_receipt(desk, connection, number)
    job = msgspec.structs.replace(
        _stored_job(request, row), receipt=msgspec.Raw(receipt) if receipt else None
    )
    return Response(job, headers={**answer_headers(), "GS1-Capture-Error-Behaviour": row.error_behaviour})


async def _capture(
    request: _AnyRequest, behaviour: str, *, is_single: bool = False
) -> tuple[Captured, list[ArrivalOut]]:
    desk, actor = _desk(request), actor_of(request)
    check_headers(request.headers)
    _party_of(actor)
    settings = cast("ServerSettings", request.app.state["server_settings"])
    body = open_body(request, media_types=MEDIA_TYPES, bytes_max=settings.max_request_bytes)
    captured = await capture_message(desk, actor, await body.read(), behaviour, is_single=is_single)
    door = cast("ArrivalDoor", request.app.state["doors"]["arrival"])
    arrivals = await report_arrivals(desk, door, actor, captured)
    if arrivals:
        told = msgspec.json.encode(arrivals).decode()

        async def work(connection: Any) -> None:
            await store.set_arrivals(connection, captured.row.capture_id, told)

        await desk.write(work)
    return captured, arrivals


def _job(
    request: _AnyRequest, row: CaptureRow, findings: Sequence[Finding], arrivals: list[ArrivalOut]
) -> CaptureJob:
    say = request.app.state["say_finding"]
    return CaptureJob(
        captureID=format_id(row.capture_id),
        createdAt=row.created_at,
        finishedAt=row.created_at,
        captureErrorBehaviour=row.error_behaviour,
        running=False,
        success=row.is_success,
        errors=[say(one) for one in findings],
        eventCount=row.event_count,
        takenCount=row.taken_count,
        repeatedCount=row.repeated_count,
        arrivals=arrivals,
        salt=row.salt,
    )


def _stored_job(request: _AnyRequest, row: CaptureRow) -> CaptureJob:
    findings = msgspec.json.decode(row.problems, type=list[Finding])
    return _job(request, row, findings, msgspec.json.decode(row.arrivals, type=list[ArrivalOut]))


# ---- query ----


@get(
    f"{HOME}/events",
    opt={"act": "visibility_events.read"},
    responses=_EVENTS_ANSWER,
    exception_handlers=_HANDLERS,
    tags=TAGS,
    summary="Events by parameters of the EPCIS query language: EQ_bizStep, GE_eventTime, MATCH_anyEPC ...",
)
async def query_events(
    request: _AnyRequest, per_page: _PerPage = PER_PAGE, token: _Token = None
) -> Response[bytes]:
    """Several values stand between bars. What Serai decided is among the events, told as observations.

    A page may be short, even empty: follow the Link header while it names a next page.
    """
    return await _answer_query(request, per_page, token)


@get(
    f"{HOME}/events/{{event_id:path}}",
    opt={"act": "visibility_events.read"},
    responses=_EVENTS_ANSWER,
    exception_handlers=_HANDLERS,
    tags=TAGS,
    summary="One event by its identifier, with declarations of error about it.",
)
async def read_event(request: _AnyRequest, event_id: FromPath[str]) -> Response[bytes]:  # noqa: ARG001
    """The identifier is percent-encoded in the address."""
    (uri,) = _last_steps(request, 1, "events")
    return await _answer_query(request, PER_PAGE_MAX, None, implied=("EQ_eventID", uri), must_find=True)


def _sub_resource(name: str) -> Any:
    @get(
        f"{HOME}/{name}/{{value:path}}",
        opt={"act": "visibility_events.read"},
        responses={**_EVENTS_ANSWER, 200: _SUB_RESOURCES},
        exception_handlers=_HANDLERS,
        tags=TAGS,
        name=f"epcis-{name}-events",
        operation_id=f"epcis_{name}_events",
        summary=f"What there is of one of {name}; `/events` behind it: its events.",
    )
    async def read_sub_resource(
        request: _AnyRequest,
        value: FromPath[str],  # noqa: ARG001 - read from the address as it was sent
        per_page: _PerPage = PER_PAGE,
        token: _Token = None,
    ) -> Response[Any]:
        """The value is percent-encoded in the address; all parameters of a query may narrow its events."""
        steps = _steps_after(request, name)
        if len(steps) == 1:
            return Response(["events"], headers=answer_headers())
        if len(steps) != 2 or steps[1] != "events":
            raise _not_found()
        return await _answer_query(request, per_page, token, implied=(_EVENTS_OF[name], steps[0]))

    return read_sub_resource


def _listing(name: str) -> Any:
    @get(
        f"{HOME}/{name}",
        opt={"act": "visibility_events.read"},
        exception_handlers=_HANDLERS,
        tags=TAGS,
        name=f"epcis-{name}",
        operation_id=f"epcis_{name}",
        summary=f"The {name} that your events have used; for officers all.",
    )
    async def list_names(
        request: _AnyRequest, per_page: _PerPage = PER_PAGE, token: _Token = None
    ) -> Response[Any]:
        """In the order of the alphabet."""
        desk, viewer = _desk(request), viewer_of(actor_of(request))
        after = read_token(token, name, str) or ""
        asked: dict[str, Any] = {
            "administration_id": desk.administration_id,
            "party_id": None if viewer.is_administration else viewer.party_id or -1,
            "after": after,
            "limit": per_page + 1,
        }
        query = "list_things"
        if name in _LISTS:
            query, asked["kind"] = "list_words", WORD_KINDS.index(_LISTS[name][1]) + 1
        async with desk.database.read(desk.administration_id) as connection:
            names = await store.list_names(connection, query, asked)
        headers = answer_headers()
        if len(names) > per_page:
            headers["link"] = _link(request, write_token(name, names[per_page - 1]))
        return Response(_listed(name, names[:per_page]), headers=headers)

    return list_names


def _listed(name: str, names: list[str]) -> Any:
    if name not in _LISTS:
        return names
    kind, field = _LISTS[name]
    return {"@context": GS1_CONTEXT, "type": kind, field: names}


async def _answer_query(
    request: _AnyRequest,
    per_page: int,
    token: str | None,
    *,
    implied: tuple[str, str] | None = None,
    must_find: bool = False,
) -> Response[bytes]:
    written = check_headers(request.headers)
    form = choose_form(request.headers.get("accept", ""))
    desk, actor = _desk(request), actor_of(request)
    given = [(name, value) for name, value in request.query_params.multi_items() if name not in _PAGING]
    # What the address itself names is no list: a bar in it is part of the name.
    query = _read_query(given, implied)
    limit, remaining = _limits(query, per_page)
    listed = f"events-{order_of(query).query}"
    after = read_token(token, listed, Place)
    asker = Asker(viewer_of(actor), actor.credential_id or "page")
    told = await tell_events(desk, asker, query, after=after, limit=limit)
    if must_find and not told.events:
        raise _not_found()
    headers = answer_headers(written)
    remaining = None if remaining is None else remaining - len(told.events)
    if told.following is not None and (remaining is None or remaining > 0):
        headers["link"] = _link(request, write_token(listed, told.following), remaining)
    _check_count(query, told.events, has_more="link" in headers)
    return Response(_written(told.events, form, written, desk), media_type=form, headers=headers)


def _read_query(given: Sequence[tuple[str, str]], implied: tuple[str, str] | None) -> Query:
    query, findings = read_url_query(given)
    if query is None:
        raise QueryFaultyError(findings)
    if implied is not None:
        name, value = implied
        narrowed, findings = read_url_query([(name, value.replace("|", "%7C"))])
        if narrowed is None:
            raise QueryFaultyError(findings)
        query = msgspec.structs.replace(query, parameters={**query.parameters, **narrowed.parameters})
    return query


def _limits(query: Query, per_page: int) -> tuple[int, int | None]:
    """Return how many events a page has at most, and how many there are to be in all (None: no bound)."""
    most, in_all = _count(query, "maxEventCount"), _count(query, "eventCountLimit")
    if most is not None and in_all is not None:
        raise QueryFaultyError([Finding("epcis-parameter-unsupported", "maxEventCount")])
    if most is not None:
        return most + 1, None
    return min(per_page, in_all or per_page), in_all


def _count(query: Query, name: str) -> int | None:
    values = query.parameters.get(name)
    if values is None:
        return None
    text = values[0]
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= KEYED_COUNT_MAX):
        parameters = {"most": f"{KEYED_COUNT_MAX:,}"}
        raise QueryFaultyError([Finding("epcis-count-out-of-range", name, parameters=parameters)])
    return int(text[:9])


def _check_count(query: Query, events: Sequence[Event], *, has_more: bool) -> None:
    """Refuse what has more events than the query allows for. Raises SeraiError `epcis-query-too-large`."""
    most = query.parameters.get("maxEventCount")
    if most is not None and (len(events) > int(most[0]) or has_more):
        raise SeraiError(
            "epcis-query-too-large",
            f"The query finds more than the {most[0]} events it allows for.",
            "Narrow it, or ask without maxEventCount, page after page.",
        )


def _written(events: Sequence[Event], form: str, written: Written, desk: EpcisDesk) -> bytes:
    told = tuple(canonical_event(one) if written == "Always_GS1_Digital_Link" else one for one in events)
    message = Message(
        kind="EPCISQueryDocument",
        events=told,
        created_at=f"{desk.clock.now().replace(tzinfo=None).isoformat(timespec='milliseconds')}Z",
        query_name="SimpleEventQuery",
    )
    return write_xml(message).content if form in (XML, TEXT_XML) else write_json(message).content


# ---- discovery ----


@get(
    HOME,
    opt={"act": "visibility_events.read"},
    exception_handlers=_HANDLERS,
    tags=TAGS,
    summary="Which resources of EPCIS there are.",
)
async def list_resources(request: _AnyRequest) -> Response[list[str]]:
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
    async def discover(request: _AnyRequest) -> Response[None]:
        """Versions, forms and limits."""
        headers = discovery_headers(allow)
        if path.endswith("/capture"):
            settings = cast("ServerSettings", request.app.state["server_settings"])
            headers |= {
                "GS1-EPCIS-Capture-Limit": str(_desk(request).events_count_max),
                "GS1-EPCIS-Capture-File-Size-Limit": str(settings.max_request_bytes),
                "GS1-Capture-Error-Behaviour": ROLLBACK,
            }
        return Response(None, status_code=204, headers=headers)

    return discover


# ---- what requests have in common ----


def _desk(request: _AnyRequest) -> EpcisDesk:
    return cast("EpcisDesk", request.app.state["epcis_desk"])


def _party_of(actor: Actor) -> int:
    if actor.party_id is None:
        raise SeraiError(
            "events-need-party",
            "Events are sent by a party, and you have none.",
            "Use a key of a party.",
        )
    return actor.party_id


def _own_address(request: _AnyRequest) -> str:
    """Return the address under which others reach the server; empty: addresses are relative."""
    settings = cast("ServerSettings", request.app.state["server_settings"])
    return settings.public_url.rstrip("/")


def _link(request: _AnyRequest, token: str, remaining: int | None = None) -> str:
    parameters = [
        (name, str(remaining) if name == "eventCountLimit" and remaining is not None else value)
        for name, value in request.query_params.multi_items()
    ]
    path = request.scope["raw_path"].decode("ascii")
    return link_to_next(f"{_own_address(request)}{path}", parameters, token)


def _steps_after(request: _AnyRequest, name: str) -> list[str]:
    """Return the steps of the address behind a resource, each decoded: a slash within a name was encoded."""
    path = request.scope["raw_path"].decode("ascii").partition("?")[0]
    return [unquote(step) for step in path.partition(f"{HOME}/{name}/")[2].rstrip("/").split("/")]


def _last_steps(request: _AnyRequest, count: int, name: str) -> list[str]:
    steps = _steps_after(request, name)
    if len(steps) != count:
        raise _not_found()
    return steps


def _not_found() -> SeraiError:
    return SeraiError(
        "not-found",
        "There is no such thing here, or it is not yours to see.",
        "Compare the name with the one you were given; in an address it is percent-encoded, slashes too.",
    )


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
