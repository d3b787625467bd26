"""Sign-in for pages: name and password, the one-use link of the demo, the second factor, sign-out."""

import time
from textwrap import wrap
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from serai.foundation.access.kept_forms.service import KNOWN_FOR
from serai.foundation.access.sign_in import SECOND_FACTOR_LASTS, Opened
from serai.foundation.access.sign_in_tries import SignInLockedError
from serai.foundation.http.guards import client_network
from serai.foundation.http.kit import Kit
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.problems import RetryLaterError, problem_kind
from serai.foundation.http.request_edge import asks_for_head
from serai.foundation.http.respond import kit_of, language_of, own_cookie, page
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

FIRST_PAGE = "/"
"""It leads each to where their work begins."""
_OPT = {"act": "session.enter"}
_OF_SIGNING_IN = frozenset(
    {
        "sign-in-failed", "second-factor-wrong", "passkey-unfit", "account-locked", "oidc-unreachable",
        "oidc-answer-unfit", "oidc-refused", "oidc-attempt-unknown", "oidc-unlinked",
    }
)  # fmt: skip
"""What is told on the page to sign in, which offers the other ways."""


class SecondFactorView(msgspec.Struct, frozen=True):
    """What the page for the second factor shows. picture, secret: to set the app up with; empty once it
    is."""

    next: str
    fault: str = ""
    picture: str = ""
    secret: str = ""
    takes_code: bool = True
    takes_passkey: bool = False


class SignInView(msgspec.Struct, frozen=True):
    """What the sign-in page shows. fault: what went wrong at the last try; is_form_kept: a form of this
    browser waits for its person. providers: names and titles of those at which one may sign in."""

    next: str
    sign_in_name: str = ""
    fault: str = ""
    is_form_kept: bool = False
    providers: list[tuple[str, str]] = []


@get("/sign-in", opt=_OPT, include_in_schema=False)
async def show_sign_in(request: Request[Any, Any, Any], next: FromQuery[str] = FIRST_PAGE) -> Response[str]:  # noqa: A002
    """Show the form."""
    return page(request, _sign_in_view(request, own_address(next)), "sign_in.html")


@post("/sign-in", opt=_OPT, include_in_schema=False, status_code=303)
async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a session and go where the person wanted to go, by way of the second factor where it is due."""
    kit = kit_of(request)
    form = await request.form()
    name, password = str(form.get("sign_in_name", "")), str(form.get("password", ""))
    next_address = own_address(str(form.get("next", "")))
    slow_down(request, kit)
    try:
        opened = await kit.sign_in.by_password(name, password, client_network(request), kit.clock.now())
    except SeraiError as error:
        view = _sign_in_view(request, next_address, name, error_text(error, language_of(request)))
        return _refused(request, error, view, "sign_in.html")
    return await go_in(request, opened, next_address)


@get("/sign-in/code", opt=_OPT, include_in_schema=False)
async def show_second_factor(
    request: Request[Any, Any, Any],
    next: FromQuery[str] = FIRST_PAGE,  # noqa: A002
) -> Response[str]:
    """Ask for the code of the authenticator app; the first time, say how it is set up."""
    return page(request, await _second_factor_view(request, own_address(next)), "second_factor.html")


@post("/sign-in/code", opt=_OPT, include_in_schema=False, status_code=303)
async def give_second_factor(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open the session that waited for a code."""
    kit = kit_of(request)
    form = await request.form()
    next_address = own_address(str(form.get("next", "")))
    slow_down(request, kit)
    token = request.cookies.get(kit.session_cookie, "")
    try:
        opened = await kit.sign_in.by_code(
            token, str(form.get("code", "")), client_network(request), kit.clock.now()
        )
    except SeraiError as error:
        if error.code == "second-factor-not-awaited":
            raise
        fault = error_text(error, language_of(request))
        view = await _second_factor_view(request, next_address, fault)
        return _refused(request, error, view, "second_factor.html")
    return await go_in(request, opened, next_address)


@post("/sign-in/passkey/options", opt=_OPT, include_in_schema=False, status_code=200)
async def ask_passkey(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Say what a passkey has to sign: instead of the password, or as the second factor that is awaited."""
    kit, at = kit_of(request), kit_of(request).clock.now()
    slow_down(request, kit)
    form = await request.form()
    account_id = None
    if form.get("second"):
        account_id = await kit.sign_in.who_waits(request.cookies.get(kit.session_cookie, ""), at)
    options = await kit.passkeys.ask_to_enter(
        request.cookies.get(kit.form_cookie, ""), at, account_id=account_id
    )
    return Response(options, headers={"cache-control": "no-store"})


@post("/sign-in/passkey", opt=_OPT, include_in_schema=False, status_code=303)
async def enter_by_passkey(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a session for whoever's passkey has signed what was asked of this browser."""
    kit, at = kit_of(request), kit_of(request).clock.now()
    slow_down(request, kit)
    form = await request.form()
    next_address = own_address(str(form.get("next", "")))
    waiting, account_id = None, None
    if form.get("second"):
        waiting = request.cookies.get(kit.session_cookie, "")
        account_id = await kit.sign_in.who_waits(waiting, at)
    cookie, answer = request.cookies.get(kit.form_cookie, ""), str(form.get("answer", ""))
    try:
        shown = await kit.passkeys.check_entered(cookie, answer, at, account_id=account_id)
        opened = await kit.sign_in.by_passkey(shown.account_id, client_network(request), at, waiting=waiting)
    except SeraiError as error:
        fault = error_text(error, language_of(request))
        if waiting is not None:
            view = await _second_factor_view(request, next_address, fault)
            return _refused(request, error, view, "second_factor.html")
        return _refused(request, error, _sign_in_view(request, next_address, "", fault), "sign_in.html")
    return await go_in(request, opened, next_address)


@get("/enter/{token:str}", opt=_OPT, include_in_schema=False)
async def enter(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """Sign in by a link that works once; to look whether it is there (HEAD) does not use it up."""
    if asks_for_head(request):
        return Response(None, status_code=200, headers={"cache-control": "no-store"})
    kit = kit_of(request)
    opened = await kit.sign_in.by_link(token, client_network(request), kit.clock.now())
    return await go_in(request, opened, FIRST_PAGE)


@post("/sign-out", opt=_OPT, include_in_schema=False, status_code=303)
async def sign_out(request: Request[Any, Any, Any]) -> Response[None]:
    """End the session."""
    kit = kit_of(request)
    token = request.cookies.get(kit.session_cookie)
    if token:
        await kit.sign_in.sign_out(token, kit.clock.now())
    gone = own_cookie(kit.session_cookie, "", has_https=kit.pages.site.has_https, max_age_s=0)
    return Response(None, status_code=303, headers={"location": "/sign-in"}, cookies=[gone])


ROUTES = [
    show_sign_in,
    sign_in,
    show_second_factor,
    give_second_factor,
    ask_passkey,
    enter_by_passkey,
    enter,
    sign_out,
]


def own_address(address: str) -> str:
    """Return `address` if it lies on this server, else the first page: nobody is led elsewhere."""
    is_own = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if is_own and address.isprintable() else FIRST_PAGE


def refuse_sign_in(request: Request[Any, Any, Any], error: SeraiError, next_address: str) -> Response[Any]:
    """Show the page to sign in with what went wrong elsewhere; what is not of signing in is told as
    everywhere."""
    view = _sign_in_view(request, next_address, "", error_text(error, language_of(request)))
    return _refused(request, error, view, "sign_in.html")


def _sign_in_view(
    request: Request[Any, Any, Any], next_address: str, name: str = "", fault: str = ""
) -> SignInView:
    kit = kit_of(request)
    is_kept = bool(request.cookies.get(kit.kept_form_cookie))
    providers = [(one.name, one.title) for one in kit.providers]
    return SignInView(next_address, name, fault, is_kept, providers)


async def go_in(request: Request[Any, Any, Any], opened: Opened, address: str) -> Response[None]:
    """Go on with the new session; the one that this browser had before ends."""
    kit = kit_of(request)
    before = request.cookies.get(kit.session_cookie)
    if before:
        await kit.sign_in.sign_out(before, kit.clock.now())
    # The browser holds a session for longer than it opens anything: so it is known whose form comes too late.
    lasts = SECOND_FACTOR_LASTS if opened.awaits_second_factor else kit.sign_in_rules.lasts + KNOWN_FOR
    cookie = own_cookie(
        kit.session_cookie,
        opened.token,
        has_https=kit.pages.site.has_https,
        max_age_s=int(lasts.total_seconds()),
    )
    if opened.awaits_second_factor:
        address = f"/sign-in/code?next={quote(address, safe='')}"
    headers = {"location": address, "cache-control": "no-store"}
    return Response(None, status_code=303, headers=headers, cookies=[cookie])


async def _second_factor_view(
    request: Request[Any, Any, Any], next_address: str, fault: str = ""
) -> SecondFactorView:
    kit = kit_of(request)
    token = request.cookies.get(kit.session_cookie, "")
    due = await kit.sign_in.ask_second_factor(token, kit.clock.now())
    view = SecondFactorView(next_address, fault, takes_code=due.takes_code, takes_passkey=due.takes_passkey)
    if due.set_up is None:
        return view
    secret = " ".join(wrap(due.set_up.secret, 4))
    return msgspec.structs.replace(view, picture=due.set_up.picture, secret=secret)


def _refused(
    request: Request[Any, Any, Any], error: SeraiError, view: object, template: str
) -> Response[Any]:
    """Show the form again with what went wrong; whatever is not of signing in is told as everywhere."""
    if isinstance(error, SignInLockedError):
        headers = {"retry-after": str(error.retry_after_s)}
        return page(request, view, template, status=429, headers=headers)
    if error.code not in _OF_SIGNING_IN:
        raise error
    return page(request, view, template, status=problem_kind(error.code).status)


def slow_down(request: Request[Any, Any, Any], kit: Kit) -> None:
    """Take a try to sign in of a network. Raises RetryLaterError."""
    wait_s = kit.sign_in_limit.take(client_network(request), time.monotonic())
    if wait_s > 0:
        raise RetryLaterError(
            "rate-limited",
            "Too many tries to sign in.",
            MessageText.counted("Wait {count} second.", "Wait {count} seconds.", count=int(wait_s) + 1),
            retry_after_s=int(wait_s) + 1,
        )
