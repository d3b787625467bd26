"""Webhooks of an organisation for its managers: addresses, what became of every try, a test event; and where
the test environment is."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.http.problems import InputFaultyError
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import page
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.consignments.store import EVENT_KINDS
from serai.journey.notifications.api import WebhookOut, webhook_out
from serai.journey.notifications.service import WebhookService
from serai.journey.notifications.store import TryRow
from serai.journey.notifications.trial import send_test_event
from serai.model.errors import SeraiError
from serai.web.organisation.fault_words import faults_of, faults_of_error
from serai.web.organisation.pages import acting, party_id_of
from serai.web.organisation.registering import Registering

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "webhooks.manage"}
_TRIES_SHOWN_MAX: Final = 5
_NEWEST: Final = 2**63 - 1
_TEXT_LENGTH_MAX: Final = 70
_URL_LENGTH_MAX: Final = 500
_FAULTY: Final = 422


class Shown(msgspec.Struct, frozen=True):
    """A webhook with its newest tries."""

    webhook: WebhookOut
    tries: list[TryRow]


class SecretShown(msgspec.Struct, frozen=True):
    """A secret at the moment of its making, the only one at which it is known."""

    reference: str
    text: str


class WebhooksView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. address: of this server; test_address: of the test environment, "": none is
    told. secret, tried: of the last step, tried with the webhook's number. faults: by field, with what was
    typed."""

    webhooks: list[Shown]
    address: str
    test_address: str
    kinds: tuple[str, ...] = EVENT_KINDS
    secret: SecretShown | None = None
    tried: tuple[str, TryRow] | None = None
    reference: str = ""
    url: str = ""
    chosen: frozenset[str] = frozenset()
    faults: dict[str, str] = {}


@get("/organisation/webhooks", opt=_OPT, include_in_schema=False)
async def show_webhooks(request: _Request) -> Response[str]:
    """Show the webhooks of whoever is signed in, and how each stands."""
    return await _page(request)


@post("/organisation/webhooks", opt=_OPT, include_in_schema=False, status_code=200)
async def add_webhook(request: _Request) -> Response[str]:
    """Register an address and show its secret, once: a form that is sent twice registers no second one."""
    form = await request.form()
    reference = " ".join(str(form.get("reference", "")).split())[:_TEXT_LENGTH_MAX]
    url = str(form.get("url", "")).strip()[:_URL_LENGTH_MAX]
    chosen = frozenset(one for one in form.getall("kinds", []) if one in EVENT_KINDS)
    typed: dict[str, Any] = {"reference": reference, "url": url, "chosen": chosen}
    if not reference or not reference.isprintable():
        return await _page(request, **typed, faults=faults_of(request, "webhook-reference"), status=_FAULTY)
    try:
        made = await provided(request, WebhookService).register(
            party_id_of(request),
            reference=reference,
            url=url,
            kinds=sorted(chosen),
            after=None,
            made_by=acting(request).actor,
        )
    except InputFaultyError:
        return await _page(request, **typed, faults=faults_of(request, "webhook-url"), status=_FAULTY)
    except SeraiError as error:
        return await _page(request, **typed, faults=faults_of_error(request, error), status=_FAULTY)
    return await _page(request, secret=SecretShown(reference, made.secret))


@post("/organisation/webhooks/{webhook:str}/test", opt=_OPT, include_in_schema=False, status_code=200)
async def try_webhook(request: _Request, webhook: FromPath[str]) -> Response[str]:
    """Send a test event now and show what became of it."""
    service = provided(request, WebhookService)
    told = await send_test_event(service, party_id_of(request), parse_id(webhook))
    return await _page(request, tried=(format_id(parse_id(webhook)), told))


@post("/organisation/webhooks/{webhook:str}/secret", opt=_OPT, include_in_schema=False, status_code=200)
async def replace_secret(request: _Request, webhook: FromPath[str]) -> Response[str]:
    """Make a new secret and show it, once."""
    service, party_id, webhook_id = _of(request, webhook)
    row = await service.find_webhook(party_id, webhook_id)
    secret = await service.replace_secret(party_id, webhook_id)
    return await _page(request, secret=SecretShown(row.reference, secret))


@post("/organisation/webhooks/{webhook:str}/replay", opt=_OPT, include_in_schema=False, status_code=303)
async def go_on(request: _Request, webhook: FromPath[str]) -> Response[None]:
    """Go on from where a webhook stopped."""
    service, party_id, webhook_id = _of(request, webhook)
    await service.set_cursor(party_id, webhook_id, None)
    return _back()


@post("/organisation/webhooks/{webhook:str}/removal", opt=_OPT, include_in_schema=False, status_code=303)
async def remove_webhook(request: _Request, webhook: FromPath[str]) -> Response[None]:
    """Remove a webhook; one that is gone already stays gone."""
    service, party_id, webhook_id = _of(request, webhook)
    await service.remove(party_id, webhook_id)
    return _back()


ROUTES = [show_webhooks, add_webhook, try_webhook, replace_secret, go_on, remove_webhook]


def _of(request: _Request, webhook: str) -> tuple[WebhookService, int, int]:
    return provided(request, WebhookService), party_id_of(request), parse_id(webhook)


def _back() -> Response[None]:
    return Response(None, status_code=303, headers={"location": "/organisation/webhooks"})


async def _page(request: _Request, *, status: int = 200, **said: Any) -> Response[str]:
    service, party_id = provided(request, WebhookService), party_id_of(request)
    settings = provided(request, Settings).administration
    shown = [
        Shown(
            webhook_out(row),
            await service.list_tries(party_id, row.webhook_id, before_id=_NEWEST, limit=_TRIES_SHOWN_MAX),
        )
        for row in await service.list_webhooks(party_id)
    ]
    address = provided(request, Registering).mailing.writer.address
    view = WebhooksView(
        webhooks=shown,
        address=address,
        test_address=address if settings.is_test else settings.test_environment_url,
        **said,
    )
    more = {"time_zone": settings.time_zone, "is_test": settings.is_test, "format_id": format_id}
    return page(request, view, "portal/organisation_webhooks.html", status=status, more=more)
