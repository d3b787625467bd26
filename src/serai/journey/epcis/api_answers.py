"""What all HTTP of EPCIS has in common: queries answered page by page, problems, paging, who asks."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, TypeVar

from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from serai.formats.epcis.canonical_event import canonical_event
from serai.formats.epcis.event import Event, Message, Query
from serai.formats.epcis.write_json import write_json
from serai.formats.epcis.write_xml import write_xml
from serai.foundation.access.actor import Actor
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.settings import Settings
from serai.journey.epcis.headers import TEXT_XML, XML, Written, answer_headers, check_headers, choose_form
from serai.journey.epcis.pages_of_answers import PER_PAGE_MAX, link_to_next, read_token, write_token
from serai.journey.epcis.problems import EpcisProblem, answer_epcis_error
from serai.journey.epcis.query_faults import QueryFaultyError
from serai.journey.epcis.query_keys import KEYED_COUNT_MAX
from serai.journey.epcis.query_order import Place, order_of
from serai.journey.epcis.querying import notify_events
from serai.journey.tracking.service import Asker, TrackingService
from serai.journey.visibility.table import viewer_of
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText

HOME: Final = "/v1/epcis"
TAGS: Final = ["Visibility events"]
SIMPLE_QUERY: Final = "SimpleEventQuery"

Row = TypeVar("Row")
AnyRequest = Request[Any, Any, Any]
PerPage = Annotated[int, QueryParameter(name="perPage", ge=1, le=PER_PAGE_MAX, description="Most on a page.")]
Token = Annotated[
    str | None, QueryParameter(name="nextPageToken", description="From the Link header of the page before.")
]

PROBLEMS: Final = {
    400: ResponseSpec(
        EpcisProblem,
        description="What is wrong, all of it",
        media_type=PROBLEM_MEDIA_TYPE,
        generate_examples=False,
    ),
}
EVENTS_ANSWER: Final = {
    200: ResponseSpec(
        dict[str, Any],
        description="An EPCISQueryDocument, as JSON or as XML",
        media_type=JSON,
        generate_examples=False,
    ),
    **PROBLEMS,
}
HANDLERS: Final[Any] = {Exception: answer_epcis_error}


async def answer_query(
    request: AnyRequest,
    query: Query,
    per_page: int,
    token: str | None,
    *,
    name: str = SIMPLE_QUERY,
    must_find: bool = False,
) -> Response[bytes]:
    """Answer a query with a page of events. name: of the query. must_find: no event is `not-found`."""
    written = check_headers(request.headers)
    form = choose_form(request.headers.get("accept", ""))
    service, actor = provided(request, TrackingService), actor_of(request)
    limit, remaining = _limits(query, per_page)
    listed = f"events-{order_of(query).query}"
    after = read_token(token, listed, Place)
    asker = Asker(viewer_of(actor), actor.credential_id or "page")
    told = await notify_events(service, asker, query, after=after, limit=limit)
    if must_find and not told.events:
        raise not_found()
    headers = answer_headers(written)
    remaining = None if remaining is None else remaining - len(told.events)
    if told.following is not None and (remaining is None or remaining > 0):
        headers["link"] = link_of(request, write_token(listed, told.following), remaining)
    _check_count(query, told.events, has_more="link" in headers)
    content = _write_events(told.events, form, written, name, service)
    return Response(content, media_type=form, headers=headers)


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
            MessageText("The query finds more than the {most} events it allows for.", most=most[0]),
            "Narrow it, or ask without maxEventCount, page after page.",
        )


def _write_events(
    events: Sequence[Event], form: str, written: Written, name: str, service: TrackingService
) -> bytes:
    told = tuple(canonical_event(one) if written == "Always_GS1_Digital_Link" else one for one in events)
    message = Message(
        kind="EPCISQueryDocument",
        events=told,
        created_at=f"{service.clock.now().replace(tzinfo=None).isoformat(timespec='milliseconds')}Z",
        query_name=name,
    )
    return write_xml(message).content if form in (XML, TEXT_XML) else write_json(message).content


def party_of(actor: Actor) -> int:
    """Return the party that asks. Raises SeraiError `events-need-party`."""
    if actor.party_id is None:
        raise SeraiError(
            "events-need-party",
            "Events are sent by a party, and you have none.",
            "Use a key of a party.",
        )
    return actor.party_id


def own_address(request: AnyRequest) -> str:
    """Return the address under which others reach the server; empty: addresses are relative."""
    settings = provided(request, Settings).server
    return settings.public_url.rstrip("/")


def link_of(request: AnyRequest, token: str, remaining: int | None = None) -> str:
    """Return the Link header to the next page of this address. remaining: of an `eventCountLimit`."""
    parameters = [
        (name, str(remaining) if name == "eventCountLimit" and remaining is not None else value)
        for name, value in request.query_params.multi_items()
    ]
    path = request.scope["raw_path"].decode("ascii")
    return link_to_next(f"{own_address(request)}{path}", parameters, token)


def headers_of_page(
    request: AnyRequest, listed: str, rows: Sequence[Row], per_page: int, place_of: Callable[[Row], object]
) -> dict[str, str]:
    """Return the headers of a page of a list, with the link to the next.

    rows: what was found, one more than the page shows where there is a next. place_of: what the next begins
    behind.
    """
    headers = answer_headers()
    if len(rows) > per_page:
        headers["link"] = link_of(request, write_token(listed, place_of(rows[per_page - 1])))
    return headers


def not_found() -> SeraiError:
    """Return the one answer to what is not there and to what is not for the asker."""
    return SeraiError(
        "not-found",
        "There is no such thing here, or it is not yours to see.",
        "Compare the name with the one you were given; in an address it is percent-encoded, slashes too.",
    )
