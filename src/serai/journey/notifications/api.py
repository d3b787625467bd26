"""HTTP for webhooks: a party registers addresses, sees every try, and says from where to tell again."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, Problem
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.notifications import store
from serai.journey.notifications.addresses import URL_LENGTH_MAX
from serai.journey.notifications.service import WebhookService, cursor_of
from serai.journey.notifications.trial import send_test_event
from serai.model.errors import SeraiError

LIMIT_MAX: Final = 1_000
_NO_STORE: Final = {"cache-control": "no-store"}
_NEWEST: Final = 2**63 - 1

_AnyRequest = Request[Any, Any, Any]
_Reference = Annotated[str, Meta(min_length=1, max_length=70, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        Problem, description=description, media_type=PROBLEM_MEDIA_TYPE, generate_examples=False
    )


_UNKNOWN: Final = {404: _problem("Your party has no such webhook")}


class NewWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A webhook to be registered.

    reference: your own name for it. url: https. kinds: of events; left out: all. after: cursor of the feed
    after which to begin; `""`: the first event there is; left out: from now on.
    """

    reference: _Reference
    url: Annotated[str, Meta(min_length=1, max_length=URL_LENGTH_MAX)]
    kinds: Annotated[list[str], Meta(max_length=50)] = []
    after: Annotated[str, Meta(max_length=200)] | None = None


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where to tell. after: a cursor of the feed; `""`: the first event there is; left out: from where
    it stopped."""

    after: Annotated[str, Meta(max_length=200)] | None = None


class WebhookOut(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook. state: `active`, or `off` since an instant for a reason (`gone`, or the outcome of the last
    try). after: the last event told, as a cursor of the feed. failures_count: in a row, by now."""

    webhook: str
    reference: str
    url: str
    kinds: list[str]
    state: str
    state_reason: str
    state_since: dt.datetime
    made_by: str
    made_at: dt.datetime
    after: str
    failures_count: int
    failing_since: dt.datetime | None
    next_try_at: dt.datetime | None


class MadeWebhook(msgspec.Struct, frozen=True):
    """A webhook at the moment of its making. secret: shown now and never again."""

    webhook: str
    reference: str
    secret: str


class NewSecret(msgspec.Struct, frozen=True):
    """A new secret, shown now and never again. For a day the one before signs beside it."""

    webhook: str
    secret: str


class WebhooksOut(msgspec.Struct, frozen=True):
    """The webhooks of your party."""

    webhooks: list[WebhookOut]


class TryOut(msgspec.Struct, frozen=True):
    """A try to tell one event. outcome: `taken`, `not-taken` (an answer that is no 2xx), `gone` (410),
    `timed-out`, `not-reached`, `no-address`, `address-not-allowed`."""

    event_id: str
    try_number: int
    outcome: str
    status: int | None
    duration_ms: int
    at: dt.datetime


class TryPage(msgspec.Struct, frozen=True):
    """Tries, the newest first. next_after: for the page of older ones."""

    tries: list[TryOut]
    next_after: str | None


@post(
    "/v1/webhooks",
    opt={"act": "webhooks.manage"},
    responses={409: _problem("The reference is used, or your party has as many as it may have")},
    summary="Register an address that your events are sent to, signed. The secret is in this answer only.",
)
async def add_webhook(request: _AnyRequest, data: JSONBody[NewWebhook]) -> Response[MadeWebhook]:
    """Messages follow Standard Webhooks: check `webhook-signature` with your library and the secret."""
    actor = actor_of(request)
    made = await provided(request, WebhookService).register(
        _party_of(request),
        reference=data.reference,
        url=data.url,
        kinds=data.kinds,
        after=data.after,
        made_by=actor.credential_id or "",
    )
    out = MadeWebhook(format_id(made.webhook_id), data.reference, made.secret)
    headers = {**_NO_STORE, "location": f"/v1/webhooks/{out.webhook}"}
    return Response(out, status_code=201, headers=headers)


@get("/v1/webhooks", opt={"act": "webhooks.manage"}, summary="Your webhooks and how they stand.")
async def read_webhooks(request: _AnyRequest) -> WebhooksOut:
    """One that failed for days is `off`: it is told nothing until POST .../replay."""
    return WebhooksOut(
        [
            webhook_out(row)
            for row in await provided(request, WebhookService).list_webhooks(_party_of(request))
        ]
    )


@get(
    "/v1/webhooks/{webhook:str}",
    opt={"act": "webhooks.manage"},
    responses=_UNKNOWN,
    summary="One webhook and its state.",
)
async def read_webhook(request: _AnyRequest, webhook: FromPath[str]) -> WebhookOut:
    """By its number, as it was answered when it was registered."""
    return webhook_out(
        await provided(request, WebhookService).find_webhook(_party_of(request), parse_id(webhook))
    )


@delete(
    "/v1/webhooks/{webhook:str}",
    opt={"act": "webhooks.manage"},
    status_code=204,
    responses=_UNKNOWN,
    summary="Remove a webhook.",
)
async def remove_webhook(request: _AnyRequest, webhook: FromPath[str]) -> None:
    """A try that is under way may still arrive."""
    await provided(request, WebhookService).remove(_party_of(request), parse_id(webhook))


@get(
    "/v1/webhooks/{webhook:str}/tries",
    opt={"act": "webhooks.manage"},
    responses=_UNKNOWN,
    summary="Every try to tell an event, the newest first; for thirty days.",
)
async def read_tries(
    request: _AnyRequest,
    webhook: FromPath[str],
    after: Annotated[str | None, QueryParameter(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX, description="Most rows of a page.")] = 100,
) -> TryPage:
    """What the receiver answered is not kept, but its HTTP status."""
    rows = await provided(request, WebhookService).list_tries(
        _party_of(request),
        parse_id(webhook),
        before_id=_NEWEST if after is None else parse_id(after),
        limit=limit,
    )
    return TryPage(
        [try_out(row) for row in rows],
        format_id(rows[-1].try_id) if len(rows) == limit else None,
    )


@post(
    "/v1/webhooks/{webhook:str}/replay",
    opt={"act": "webhooks.manage"},
    status_code=200,
    responses=_UNKNOWN,
    summary="Tell events again from a cursor of the feed; a webhook that was off is active again.",
)
async def replay_webhook(request: _AnyRequest, webhook: FromPath[str], data: JSONBody[Replay]) -> WebhookOut:
    """The same events have the same `webhook-id` as before."""
    service, party_id, webhook_id = provided(request, WebhookService), _party_of(request), parse_id(webhook)
    await service.set_cursor(party_id, webhook_id, data.after)
    return webhook_out(await service.find_webhook(party_id, webhook_id))


@post(
    "/v1/webhooks/{webhook:str}/test",
    opt={"act": "webhooks.manage"},
    status_code=200,
    responses={**_UNKNOWN, 429: _problem("Too many test events in a row")},
    summary="Send a test event now, and say what became of it.",
)
async def try_webhook(request: _AnyRequest, webhook: FromPath[str]) -> TryOut:
    """Signed like any other; its kind is `test` and its `case_id` empty. It is in no feed, moves no cursor,
    and stands among the tries."""
    service = provided(request, WebhookService)
    return try_out(await send_test_event(service, _party_of(request), parse_id(webhook)))


@post(
    "/v1/webhooks/{webhook:str}/secret",
    opt={"act": "webhooks.manage"},
    status_code=200,
    responses=_UNKNOWN,
    summary="Replace the secret. The new one is in this answer only.",
)
async def replace_secret(request: _AnyRequest, webhook: FromPath[str]) -> Response[NewSecret]:
    """For a day messages carry two signatures: by the new secret and by the one before."""
    secret = await provided(request, WebhookService).replace_secret(_party_of(request), parse_id(webhook))
    return Response(NewSecret(webhook, secret), headers=_NO_STORE)


ROUTES = [
    add_webhook,
    read_webhooks,
    read_webhook,
    remove_webhook,
    read_tries,
    replay_webhook,
    try_webhook,
    replace_secret,
]


def try_out(row: store.TryRow) -> TryOut:
    """Return a try as it is told."""
    return TryOut(format_id(row.event_id), row.try_number, row.outcome, row.status, row.duration_ms, row.at)


def webhook_out(row: store.WebhookRow) -> WebhookOut:
    """Return a webhook as it is told; nothing of its secret."""
    return WebhookOut(
        webhook=format_id(row.webhook_id),
        reference=row.reference,
        url=row.url,
        kinds=row.kinds,
        state=row.state,
        state_reason=row.state_reason,
        state_since=row.state_since,
        made_by=row.made_by,
        made_at=row.made_at,
        after=cursor_of(row),
        failures_count=row.tries_count,
        failing_since=row.failing_since,
        next_try_at=row.next_try_at if row.failing_since is not None and row.state == store.ACTIVE else None,
    )


def _party_of(request: _AnyRequest) -> int:
    party_id = actor_of(request).party_id
    if party_id is None:
        raise SeraiError(
            "events-need-party", "Events are told to a party, and you have none.", "Use the key of a party."
        )
    return party_id
