"""The guard before every route: recognise the actor, count the request, ask the table, check the form."""

import time
from functools import partial
from typing import Any

import msgspec
from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.enums import RequestEncodingType
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from serai.foundation.access.actor import PUBLIC_ACTOR, Actor, Means, Role
from serai.foundation.access.client_credentials import TOKEN_PREFIX
from serai.foundation.access.recognition import find_session_actor
from serai.foundation.access.secrets import form_token_matches
from serai.foundation.access.sign_in_tries import network_of
from serai.foundation.access.table import ACTS, act_named, require
from serai.foundation.disk_room import SpoolShare
from serai.foundation.http.kept_forms.answers import forget_sent
from serai.foundation.http.kit import Kit
from serai.foundation.http.problems import RetryLaterError
from serai.foundation.http.query_names import refuse_unknown
from serai.foundation.http.request_edge import when_answered
from serai.foundation.http.respond import actor_of, form_secret_of, kit_of
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

FORM_FIELD = "form_token"
FORM_HEADER = "x-form-token"
OWN_FORM_CHECK = "has_own_form_check"
"""In the `opt` of a route whose form changes nothing, or that asks for the token itself, so as to give back
what was typed where it is another session's."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = frozenset({RequestEncodingType.URL_ENCODED.value, RequestEncodingType.MULTI_PART.value})


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let the request through, or raise the SeraiError that says why not."""
    if connection.scope.get("method") == "OPTIONS":
        return  # Litestar's own answer: which methods there are
    kit = kit_of(connection)
    act_name = act_of(handler)
    actor = await _recognise(connection, kit)
    connection.scope["state"]["actor"] = actor
    _count(connection, kit, actor)
    require(actor, act_name)
    refuse_unknown(connection, handler)
    if isinstance(connection, Request) and not handler.opt.get(OWN_FORM_CHECK):
        await _check_form(connection, kit, actor)
    if isinstance(connection, Request) and connection.method == "POST":
        await forget_sent(connection)


async def recognise_late(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Recognise who is signed in where no guard ran, since nothing is at the address: so that an error's page
    does not look as if they had been signed out. Whoever asks too much is not looked up."""
    kit, state = kit_of(connection), connection.scope["state"]
    if "actor" in state or not connection.cookies.get(kit.session_cookie):
        return
    if kit.limits.public.take(f"address:{client_network(connection)}", time.monotonic()) <= 0:
        state["actor"] = await _recognise(connection, kit)


def act_of(handler: BaseRouteHandler) -> str:
    """The act that a route names in `opt={"act": ...}`."""
    act_name = handler.opt.get("act")
    assert isinstance(act_name, str), f"route {handler} names no act: opt={{'act': ...}}"
    act_named(act_name)
    return act_name


class MatrixRow(msgspec.Struct, frozen=True):
    """One route of the matrix role x act x scope."""

    method: str
    path: str
    act: str
    scope: str | None
    roles: tuple[Role, ...]


def route_matrix(app: Litestar) -> list[MatrixRow]:
    """Generate the matrix from the routes; a route without a row in the table is an AssertionError."""
    rows = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", None) or [getattr(route, "route_handler")]:  # noqa: B009
            methods = sorted(handler.http_methods) if isinstance(handler, HTTPRouteHandler) else ["ASGI"]
            for method in methods:
                if method != "OPTIONS":
                    act_name = act_of(handler)
                    act = ACTS[act_name]
                    rows.append(
                        MatrixRow(method, route.path_format, act_name, act.scope, tuple(sorted(act.roles)))
                    )
    return sorted(rows, key=lambda row: (row.path, row.method))


async def _recognise(connection: ASGIConnection[Any, Any, Any, Any], kit: Kit) -> Actor:
    authorization = connection.headers.get("authorization")
    if authorization is not None:
        scheme, _, key_text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise SeraiError(
                "key-malformed", "Keys are sent as a bearer token.", "Send 'Authorization: Bearer <key>'."
            )
        key_text = key_text.strip()
        if key_text.startswith(TOKEN_PREFIX):
            return await kit.clients.find_actor(key_text, kit.clock.now(), time.monotonic())
        return await kit.keys.find_actor(key_text, kit.clock.now(), time.monotonic())
    session_token = connection.cookies.get(kit.session_cookie)
    if session_token:
        actor = await find_session_actor(
            kit.database,
            session_token,
            kit.clock.now(),
            administration_id=kit.administration_id,
            idles=kit.session_idles,
        )
        if actor is not None:
            return actor
    return PUBLIC_ACTOR


def _count(connection: ASGIConnection[Any, Any, Any, Any], kit: Kit, actor: Actor) -> None:
    # The people of the administration are one party, and yet each counts for himself; a party's people and
    # keys count as one, however many there are.
    is_own = actor.means is Means.PAGE_SESSION and actor.member_role is None
    asker = actor.credential_id if is_own or not actor.is_known else f"party:{actor.party_id}"
    limit = kit.limits.party if asker else kit.limits.public
    asker = asker or f"address:{client_network(connection)}"
    wait_s = limit.take(asker, time.monotonic())
    if wait_s > 0:
        raise RetryLaterError(
            "rate-limited",
            MessageText(
                "More than {per_second} requests a second for some time.", per_second=limit.per_second
            ),
            "Wait as Retry-After says; to send many documents, put them into one request as NDJSON.",
            retry_after_s=max(1, int(wait_s + 0.999)),
        )
    if connection.scope.get("method") in _SAFE_METHODS:
        return
    kit.rooms.memory.require()
    bodies = kit.limits.bodies
    if not bodies.begin(asker):
        raise RetryLaterError(
            "rate-limited",
            MessageText(
                "{count_max} requests with a body are under way already.", count_max=bodies.count_max
            ),
            "Wait until some are answered; to send many documents, put them into one request as NDJSON.",
            retry_after_s=1,
        )
    when_answered(connection.scope, partial(bodies.end, asker))


def spool_share_of(connection: ASGIConnection[Any, Any, Any, Any]) -> SpoolShare:
    """Return the room for temporary files that whoever asks has: with all of its party, else its network."""
    actor = actor_of(connection)
    is_of_party = actor.party_id is not None
    holder = f"party:{actor.party_id}" if is_of_party else f"address:{client_network(connection)}"
    return kit_of(connection).rooms.spool.share_of(holder)


def client_network(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """From which network it is asked (of IPv6 the /64); never logged."""
    return network_of(connection.client.host) if connection.client else "none"


async def _check_form(request: Request[Any, Any, Any], kit: Kit, actor: Actor) -> None:
    """Browsers send cookies by themselves: a change that rests on one must show that our page asked."""
    if request.method in _SAFE_METHODS or actor.means is Means.API_KEY:
        return
    is_form = request.content_type[0] in _FORMS
    if actor.means is Means.NONE and not is_form:
        return  # no cookie counts here: nothing to protect
    given = request.headers.get(FORM_HEADER) or ((await request.form()).get(FORM_FIELD) if is_form else None)
    secret = form_secret_of(request, kit)
    if not secret or not isinstance(given, str) or not form_token_matches(secret, given):
        raise SeraiError(
            "form-token-missing",
            "This form was not made by this page, or you have signed in or out since.",
            "Go back, load the page again and send the form once more.",
        )
