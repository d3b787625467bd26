"""HTTP for those who follow: cases, decisions, charges, history, people, lists and events."""

import datetime as dt
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter
from litestar.response import Stream

from serai.evidence.receipt import Receipt
from serai.foundation.access.actor_names import PERSON_LENGTH_MAX, ledger_text
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import Include, actor_of, language_of, texts_in
from serai.foundation.id_text import parse_id
from serai.journey.case_records.answers import (
    CaseActsOut,
    CaseOut,
    ChargesOut,
    ConsignmentPage,
    DecisionAnswer,
    DocumentContent,
    EventPage,
    HistoryOut,
    LedgerOut,
    NoticesOut,
    PeopleOut,
)
from serai.journey.cases import events, lists, vault_contents
from serai.journey.cases.service import CaseFiles
from serai.journey.visibility.purposes import ReadingPurpose
from serai.journey.visibility.table import viewer_of

LIMIT_MAX = 1_000
WAIT_S_MAX = 20
STREAM_LIMIT = 100
EVENT_STREAM = "text/event-stream"

_AnyRequest = Request[Any, Any, Any]
_Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX, description="Most rows of a page.")]
_After = Annotated[str | None, QueryParameter(description="`next_after` of the page before.")]
Which = Annotated[
    str | None,
    QueryParameter(
        description="Reference or id of the consignment, where the case has several; default: the first."
    ),
]


@get(
    "/v1/cases/{case_id:str}",
    opt={"act": "cases.read"},
    summary="A case: state, what is owed and by whom, next step, consignments, documents.",
)
async def read_case(request: _AnyRequest, case_id: FromPath[str]) -> CaseOut:
    """A case that was merged into another answers with that one, whose id stands in the answer."""
    return await provided(request, CaseFiles).read_case(
        viewer_of(actor_of(request)), parse_id(case_id), language_of(request)
    )


@get(
    "/v1/declarations/{reference:str}",
    opt={"act": "cases.read"},
    summary="The newest decision, by the declarant's reference or by case id.",
)
async def read_consignment(
    request: _AnyRequest, reference: FromPath[str], include: Include = None
) -> DecisionAnswer:
    """A reference with a slash in it is asked for by its case id. With `include=text`, reasons and findings
    have sentence, remedy and appeal."""
    return await provided(request, CaseFiles).read_decision(
        viewer_of(actor_of(request)), reference, texts_in(request, include)
    )


@get(
    "/v1/cases/{case_id:str}/decision",
    opt={"act": "cases.read"},
    summary="The newest decision of a consignment.",
)
async def read_newest_decision(
    request: _AnyRequest, case_id: FromPath[str], consignment: Which = None, include: Include = None
) -> DecisionAnswer:
    """As it was answered; with `include=text`, reasons and findings have sentence, remedy and appeal."""
    parse_id(case_id)
    return await provided(request, CaseFiles).read_decision(
        viewer_of(actor_of(request)), case_id, texts_in(request, include), consignment=consignment
    )


@get(
    "/v1/cases/{case_id:str}/decisions/{decision_id:str}",
    opt={"act": "cases.read"},
    summary="One decision of a case, newest or replaced.",
)
async def read_one_decision(
    request: _AnyRequest, case_id: FromPath[str], decision_id: FromPath[str], include: Include = None
) -> DecisionAnswer:
    """A decision is never changed: the one that replaced it names it."""
    parse_id(case_id)
    return await provided(request, CaseFiles).read_decision(
        viewer_of(actor_of(request)), case_id, texts_in(request, include), decision_id=parse_id(decision_id)
    )


@get(
    "/v1/cases/{case_id:str}/receipt",
    opt={"act": "cases.read"},
    summary="The receipt of a decision: a signed promise for some seconds, then a proof in the log.",
    responses={200: ResponseSpec(Receipt, description="The receipt", generate_examples=False)},
)
async def read_receipt(
    request: _AnyRequest,
    case_id: FromPath[str],
    consignment: Which = None,
    decision: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Byte for byte as `serai verify` and POST /v1/receipts/verify check it: keep it as it is."""
    receipt = await provided(request, CaseFiles).read_receipt(
        viewer_of(actor_of(request)),
        parse_id(case_id),
        consignment=consignment,
        decision_id=None if decision is None else parse_id(decision),
    )
    return Response(receipt, media_type=JSON)


@get(
    "/v1/cases/{case_id:str}/history",
    opt={"act": "cases.read"},
    summary="Everything that happened to a case, oldest first.",
)
async def read_history(request: _AnyRequest, case_id: FromPath[str]) -> HistoryOut:
    """Documents, acts, decisions, arrival and payments."""
    actor = actor_of(request)
    return await provided(request, CaseFiles).read_history(
        viewer_of(actor), parse_id(case_id), actor.credential_id or "", language_of(request)
    )


@get(
    "/v1/cases/{case_id:str}/acts",
    opt={"act": "cases.read"},
    summary="What officers and parties did in a case, and what of it was taken back.",
)
async def read_case_acts(request: _AnyRequest, case_id: FromPath[str]) -> CaseActsOut:
    """Who did it, for that party and the administration; amounts for those who see what is owed."""
    actor = actor_of(request)
    return await provided(request, CaseFiles).read_acts(
        viewer_of(actor), parse_id(case_id), actor.credential_id or ""
    )


@get(
    "/v1/cases/{case_id:str}/notices",
    opt={"act": "cases.read"},
    summary="What was served about the decisions of a case: when, how, in which words.",
)
async def read_notices(request: _AnyRequest, case_id: FromPath[str]) -> NoticesOut:
    """Each text word for word as it was served, also after the wording has changed. A party reads what went
    to it; the administration what went to everybody."""
    return await provided(request, CaseFiles).read_notices(viewer_of(actor_of(request)), parse_id(case_id))


@get(
    "/v1/cases/{case_id:str}/charges",
    opt={"act": "cases.read"},
    summary="All charges of a case with their reversals, and what is to be paid.",
)
async def read_charges(request: _AnyRequest, case_id: FromPath[str]) -> ChargesOut:
    """Charges are only ever added: a correction is a reversing row beside the new one."""
    return await provided(request, CaseFiles).read_charges(viewer_of(actor_of(request)), parse_id(case_id))


@get(
    "/v1/cases/{case_id:str}/documents/{document_id:str}",
    opt={"act": "cases.read"},
    summary="A document's content, as far as your role sees it; without people.",
)
async def read_document(
    request: _AnyRequest, case_id: FromPath[str], document_id: FromPath[str]
) -> DocumentContent:
    """Which role sees which field: reference, visibility. Scheme numbers are masked to all but their
    sender and officers.
    """
    actor = actor_of(request)
    return await vault_contents.read_document(
        provided(request, CaseFiles),
        viewer_of(actor),
        parse_id(case_id),
        parse_id(document_id),
        actor.credential_id or "",
    )


@get(
    "/v1/cases/{case_id:str}/people",
    opt={"act": "people.read"},
    summary="Names and addresses of a case, for a purpose; each reading is recorded in the person's ledger.",
)
async def read_people(
    request: _AnyRequest,
    case_id: FromPath[str],
    purpose: Annotated[
        ReadingPurpose,
        QueryParameter(
            description="Why. Officers: all but `correction` and `transport-papers`; a declarant: those and "
            "`subject-request`."
        ),
    ],
    acting_person: Annotated[
        str | None,
        HeaderParameter(
            name="Serai-Acting-Person",
            description="Who reads: a name or number by which the party knows them. The ledger keeps it.",
            max_length=PERSON_LENGTH_MAX,
        ),
    ] = None,
) -> Response[PeopleOut]:
    """For officers; a declarant opens the people of its own documents. A key says who stands behind it: the
    ledger names a person."""
    actor = actor_of(request)
    found = await vault_contents.read_people(
        provided(request, CaseFiles),
        viewer_of(actor),
        parse_id(case_id),
        purpose,
        ledger_text(actor, acting_person),
    )
    return Response(found, headers={"cache-control": "no-store"})


@get(
    "/v1/people/{person_id:str}/reads",
    opt={"act": "people.read"},
    summary="A person's ledger: who read the fields, when and why.",
)
async def read_ledger(request: _AnyRequest, person_id: FromPath[str]) -> LedgerOut:
    """For officers, and for the party whose document holds the person."""
    return await vault_contents.read_ledger(
        provided(request, CaseFiles), viewer_of(actor_of(request)), parse_id(person_id)
    )


@get(
    "/v1/declarations",
    opt={"act": "cases.list"},
    summary="List consignments by status, lane, task, flight, master document or time of change.",
)
async def list_consignments(
    request: _AnyRequest,
    *,
    status: FromQuery[str | None] = None,
    lane: FromQuery[str | None] = None,
    task: FromQuery[str | None] = None,
    master_document: FromQuery[str | None] = None,
    conveyance_reference: FromQuery[str | None] = None,
    changed_since: FromQuery[dt.datetime | None] = None,
    after: _After = None,
    limit: _Limit = 100,
) -> ConsignmentPage:
    """A page may be short, even empty: go on while `next_after` is there. The order does not change
    while rows do; by changed_since, what
    changes while you read comes once more at the end.
    """
    given = lists.Filter(
        status=status,
        lane=lane,
        task=task,
        master_document=master_document,
        conveyance_reference=conveyance_reference,
        changed_since=changed_since,
    )
    return await lists.list_consignments(
        provided(request, CaseFiles), viewer_of(actor_of(request)), given, after=after, limit=limit
    )


@get(
    "/v1/events",
    opt={"act": "events.read"},
    summary="What changed for your party, in order, at least once each; resumable.",
)
async def read_events(
    request: _AnyRequest,
    after: _After = None,
    limit: _Limit = 100,
    wait_s: Annotated[
        float, QueryParameter(ge=0, le=WAIT_S_MAX, description="Seconds to wait for the first event.")
    ] = 0,
) -> EventPage:
    """Keep `next_after` and come back with it. The same event may come twice: its `event_id` tells."""
    return await events.read_events(
        provided(request, CaseFiles), viewer_of(actor_of(request)), after=after, limit=limit, wait_s=wait_s
    )


@get(
    "/v1/events/stream",
    opt={"act": "events.read"},
    media_type=EVENT_STREAM,
    responses={
        200: ResponseSpec(str, description="The feed", media_type=EVENT_STREAM, generate_examples=False)
    },
    summary="What changed for your party, as server-sent events; resumable.",
)
async def stream_events(
    request: _AnyRequest,
    after: _After = None,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", description="The `id` that came last.")
    ] = None,
) -> Stream:
    """The events of GET /v1/events. The `id` of an event is the cursor to go on from; not each has one.

    A stream ends after a minute: browsers and libraries come back by themselves and go on from the last `id`.
    """
    files, viewer = provided(request, CaseFiles), viewer_of(actor_of(request))
    first = await events.read_events(
        files, viewer, after=last_event_id or after, limit=STREAM_LIMIT, wait_s=0
    )
    return Stream(
        events.write_stream(files, viewer, first, limit=STREAM_LIMIT),
        media_type=EVENT_STREAM,
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


ROUTES = [
    stream_events,
    read_case,
    read_consignment,
    read_newest_decision,
    read_one_decision,
    read_receipt,
    read_history,
    read_case_acts,
    read_notices,
    read_charges,
    read_document,
    read_people,
    read_ledger,
    list_consignments,
    read_events,
]
