"""HTTP for messages of standards: one message in, the standard's answer out; later answers by cursor."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from serai.app import Node
from serai.foundation.http.answers_of_documents import NOT_TAKEN
from serai.foundation.http.body import open_body
from serai.foundation.http.negotiation import JSON, choose_media_type
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import Include, actor_of, language_of
from serai.foundation.id_text import format_id
from serai.foundation.settings import Settings
from serai.journey.acts.preloading import PreloadingActs
from serai.journey.acts.service import Acts
from serai.journey.cases import events
from serai.journey.cases.api import LIMIT_MAX, WAIT_S_MAX
from serai.journey.cases.service import CaseFiles
from serai.journey.documents.submission import sender_of
from serai.journey.lodgement.service import LodgementService
from serai.journey.lodgement.withdrawals import asked_texts
from serai.journey.messaging.message_exchange import MessageSender, Service
from serai.journey.messaging.notifications import read_notifications
from serai.journey.messaging.reasons import keep_answers, keep_notifications, with_reasons
from serai.journey.messaging.registry import MESSAGE_EXCHANGES, message_exchange_named
from serai.journey.processing.rendered_decision import texts_of
from serai.journey.visibility.table import viewer_of

_AnyRequest = Request[Any, Any, Any]
Standard = Annotated[
    FromPath[str], msgspec.Meta(description=f"One of: {', '.join(MESSAGE_EXCHANGES)}.", max_length=35)
]


class NotificationOut(msgspec.Struct, frozen=True, kw_only=True):
    """A later answer. content: the message, whole, in media_type. event_id: the same for the messages that
    one event gives; number counts them from 1."""

    event_id: str
    number: int
    case_id: str
    at: str
    media_type: str
    content: str


class NotificationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Later answers in order. next_after: where to go on, also when there were none."""

    answers: list[NotificationOut]
    next_after: str


@post(
    "/v1/messages/{standard:str}",
    opt={"act": "messages.send"},
    status_code=200,
    responses=NOT_TAKEN,
    request_max_body_size=None,
    summary="Send one message of a standard; the answer comes in the standard's own form.",
)
async def send_message(request: _AnyRequest, standard: Standard, include: Include = None) -> Response[Any]:
    """A reply means durable, as on the routes of the documents. With Accept: application/json the answer is
    the same as there."""
    exchange = message_exchange_named(standard)
    settings = provided(request, Settings).server
    body = open_body(request, media_types=exchange.media_types, bytes_max=settings.max_request_bytes)
    service = Service(
        provided(request, LodgementService),
        provided(request, Acts),
        provided(request, PreloadingActs),
        provided(request, Settings).administration.time_zone,
    )
    message_sender = _message_sender(request, standard, include)
    reply = await exchange.receive(service, message_sender, await body.read())
    if reply.decided:
        processor, actor = service.acts.processor, message_sender.actor
        await keep_answers(
            processor.services,
            sender_of(actor).party_id,
            exchange,
            reply.decided,
            texts_of(processor.law, message_sender.language),
            standard=standard,
            languages=message_sender.languages,
        )
    return Response(
        reply.content, media_type=reply.media_type, status_code=reply.status, headers={"vary": "accept"}
    )


@get(
    "/v1/messages/{standard:str}/answers",
    opt={"act": "events.read"},
    summary="What changed for your party, as messages of a standard, in order; resumable.",
)
async def read_answers(
    request: _AnyRequest,
    standard: Standard,
    after: Annotated[str | None, QueryParameter(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX, description="Most events of a page.")] = 100,
    wait_s: Annotated[
        float, QueryParameter(ge=0, le=WAIT_S_MAX, description="Seconds to wait for the first event.")
    ] = 0,
) -> NotificationPage:
    """The events of GET /v1/events, with the same cursor. An event of which the standard has nothing to say
    gives no message, so a page may be empty: go on with `next_after`."""
    exchange, message_sender = message_exchange_named(standard), _message_sender(request, standard)
    viewer = viewer_of(message_sender.actor)
    page = await events.read_events(
        provided(request, CaseFiles), viewer, after=after, limit=limit, wait_s=wait_s
    )
    assert viewer.party_id is not None, "who has no party has no events"
    node = provided(request, Node)
    async with node.database.read(node.administration_id) as connection:
        happened = await read_notifications(node.services, connection, page.events, viewer.party_id)
    acts = provided(request, Acts)
    happened = with_reasons(happened, texts_of(acts.processor.law, message_sender.language))
    rendered = exchange.render(happened, message_sender.languages)
    await keep_notifications(
        node.services,
        viewer.party_id,
        exchange,
        [one for one, messages in zip(happened, rendered, strict=True) if messages],
        standard=standard,
        languages=message_sender.languages,
    )
    answers = [
        NotificationOut(
            event_id=format_id(one.event_id),
            number=number,
            case_id=format_id(one.case_id),
            at=one.at.isoformat(),
            media_type=exchange.media_types[0],
            content=message.decode(),
        )
        for one, messages in zip(happened, rendered, strict=True)
        for number, message in enumerate(messages, start=1)
    ]
    return NotificationPage(answers=answers, next_after=page.next_after)


def _message_sender(request: _AnyRequest, standard: str, include: str | None = None) -> MessageSender:
    own = message_exchange_named(standard).media_types[0]
    chosen = choose_media_type(request.headers.get("accept", ""), (own, JSON))
    return MessageSender(
        actor_of(request),
        wants_json=chosen == JSON,
        language=language_of(request),
        languages=request.headers.get("accept-language", ""),
        texts=asked_texts(request, include),
    )


ROUTES = [send_message, read_answers]
