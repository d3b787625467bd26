"""HTTP of the capture interface of EPCIS: documents of events or one event in, and the jobs they became."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, HeaderParameter

from serai.formats.epcis.event import Message
from serai.formats.epcis.write_json import write_json
from serai.foundation.http.body import open_body
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.epcis.api_answers import (
    HANDLERS,
    HOME,
    PROBLEMS,
    AnyRequest,
    PerPage,
    Token,
    headers_of_page,
    not_found,
    own_address,
    party_of,
)
from serai.journey.epcis.headers import MEDIA_TYPES, answer_headers, check_headers
from serai.journey.epcis.pages_of_answers import PER_PAGE, read_token
from serai.journey.epcis.query_order import Place
from serai.journey.finding_messages import finding_out
from serai.journey.lodgement.service import LodgementService
from serai.journey.tracking import store
from serai.journey.tracking.arriving import ArrivalOut, report_arrivals
from serai.journey.tracking.capture import PROCEED, ROLLBACK, Captured, capture_message, read_capture_receipt
from serai.journey.tracking.refusals import Refusals, ask_officers, find_refused
from serai.journey.tracking.service import TrackingService
from serai.journey.tracking.store import CaptureRow
from serai.journey.visibility.table import viewer_of
from serai.model.findings import Finding, FindingOut

_Behaviour = Annotated[
    str,
    HeaderParameter(
        name="GS1-Capture-Error-Behaviour",
        pattern=f"^({ROLLBACK}|{PROCEED})$",
        description="`rollback`: all events or none; `proceed`: those that are sound.",
    ),
]


class RefusedOut(msgspec.Struct, frozen=True):
    """An event that is kept and does not count in cases in which you have a part, or held the goods: it is
    shown to you and to officers alone. finding: why, and what to do."""

    event_id: str
    case_ids: list[str]
    finding: FindingOut


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
    refused: list[RefusedOut] = []
    is_refused_complete: bool = True
    receipt: msgspec.Raw | None = None
    salt: bytes = b""


@post(
    f"{HOME}/capture",
    opt={"act": "visibility_events.capture"},
    status_code=202,
    responses=PROBLEMS,
    exception_handlers=HANDLERS,
    request_max_body_size=None,
    summary="Capture the events of an EPCIS document, JSON or XML.",
)
async def capture_events(request: AnyRequest, behaviour: _Behaviour = ROLLBACK) -> Response[CaptureJob]:
    """When the answer comes, the job has run and what it took is durable. Repeats are harmless.

    With `rollback` a fault anywhere refuses the message with all that is wrong; with `proceed` the job names
    the events that were not taken.
    """
    captured, arrivals, refused = await _capture(request, behaviour)
    job = _job(captured.row, captured.findings, arrivals, refused, language_of(request))
    receipt = msgspec.Raw(captured.receipt)
    job = msgspec.structs.replace(job, receipt=receipt, eventIDs=[one.event_uri for one in captured.taken])
    address = f"{own_address(request)}{HOME}/capture/{job.captureID}"
    headers = {**answer_headers(), "GS1-Capture-Error-Behaviour": behaviour, "location": address}
    return Response(job, status_code=202, headers=headers)


@post(
    f"{HOME}/events",
    opt={"act": "visibility_events.capture"},
    status_code=201,
    responses=PROBLEMS,
    exception_handlers=HANDLERS,
    request_max_body_size=None,
    summary="Capture one event.",
)
async def capture_event(request: AnyRequest) -> Response[Any]:
    """The event's address stands in Location; without an identifier of its own it is named by its hash."""
    captured, *_ = await _capture(request, ROLLBACK, is_single=True)
    taken = captured.taken[0]
    event = msgspec.structs.replace(taken.event, event_id=taken.event_uri)
    content = write_json(Message(kind=event.kind, events=(event,))).content
    address = f"{own_address(request)}{HOME}/events/{quote(taken.event_uri, safe='')}"
    return Response(
        content, status_code=201, media_type=JSON, headers={**answer_headers(), "location": address}
    )


@get(
    f"{HOME}/capture",
    opt={"act": "visibility_events.read"},
    exception_handlers=HANDLERS,
    summary="Your captures, newest first.",
)
async def list_captures(
    request: AnyRequest, per_page: PerPage = PER_PAGE, token: Token = None
) -> Response[list[CaptureJob]]:
    """Receipts stand with each capture by itself."""
    service, actor = provided(request, TrackingService), actor_of(request)
    place = read_token(token, "captures", Place)
    before_id = 2**63 - 1 if place is None else place.event_id
    async with service.database.read(service.administration_id) as connection:
        rows = await store.select_captures(
            connection,
            administration_id=service.administration_id,
            party_id=party_of(actor),
            before_id=before_id,
            limit=per_page + 1,
        )
    headers = headers_of_page(request, "captures", rows, per_page, lambda row: Place(0, row.capture_id))
    return Response([_stored_job(row, language_of(request)) for row in rows[:per_page]], headers=headers)


@get(
    f"{HOME}/capture/{{capture_id:str}}",
    opt={"act": "visibility_events.read"},
    exception_handlers=HANDLERS,
    summary="One capture: what was taken, what not and why, and the receipt.",
)
async def read_capture(request: AnyRequest, capture_id: FromPath[str]) -> Response[CaptureJob]:
    """The receipt is a signed promise for some seconds, then a proof in the log."""
    service, actor = provided(request, TrackingService), actor_of(request)
    number = parse_id(capture_id)
    viewer = viewer_of(actor)
    async with service.database.read(service.administration_id) as connection:
        row = await store.select_capture(
            connection,
            number,
            administration_id=service.administration_id,
            party_id=None if viewer.is_administration else viewer.party_id or -1,
        )
        if row is None:
            raise not_found()
        receipt = await read_capture_receipt(service, connection, number)
    job = msgspec.structs.replace(
        _stored_job(row, language_of(request)), receipt=msgspec.Raw(receipt) if receipt else None
    )
    return Response(job, headers={**answer_headers(), "GS1-Capture-Error-Behaviour": row.error_behaviour})


async def _capture(
    request: AnyRequest, behaviour: str, *, is_single: bool = False
) -> tuple[Captured, list[ArrivalOut], Refusals]:
    service, actor = provided(request, TrackingService), actor_of(request)
    check_headers(request.headers)
    party_of(actor)
    settings = provided(request, Settings).server
    body = open_body(request, media_types=MEDIA_TYPES, bytes_max=settings.max_request_bytes)
    captured = await capture_message(service, actor, await body.read(), behaviour, is_single=is_single)
    lodgement = provided(request, LodgementService)
    refused = await find_refused(service, captured, viewer_of(actor))
    arrivals = await report_arrivals(service, lodgement, actor, captured, refused.events)
    if arrivals or refused != Refusals():

        async def work(connection: Any) -> None:
            await store.set_outcome(
                connection,
                captured.row.capture_id,
                arrivals=msgspec.json.encode(arrivals).decode(),
                refused=msgspec.json.encode(refused).decode(),
            )
            await ask_officers(service, connection, refused.events)

        await service.write(work)
    return captured, arrivals, refused


def _job(
    row: CaptureRow,
    findings: Sequence[Finding],
    arrivals: list[ArrivalOut],
    refused: Refusals,
    language: str,
) -> CaptureJob:
    return CaptureJob(
        captureID=format_id(row.capture_id),
        createdAt=row.created_at,
        finishedAt=row.created_at,
        captureErrorBehaviour=row.error_behaviour,
        running=False,
        success=row.is_success,
        errors=[finding_out(one, language) for one in findings],
        eventCount=row.event_count,
        takenCount=row.taken_count,
        repeatedCount=row.repeated_count,
        arrivals=arrivals,
        refused=[
            RefusedOut(
                one.event_uri,
                [format_id(case_id) for case_id in one.case_ids],
                finding_out(Finding(one.code, "", "advice"), language),
            )
            for one in refused.events
        ],
        is_refused_complete=refused.is_complete,
        salt=row.salt,
    )


def _stored_job(row: CaptureRow, language: str) -> CaptureJob:
    findings = msgspec.json.decode(row.problems, type=list[Finding])
    arrivals = msgspec.json.decode(row.arrivals, type=list[ArrivalOut])
    return _job(row, findings, arrivals, msgspec.json.decode(row.refused, type=Refusals), language)
