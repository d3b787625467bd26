"""Sign-in for pages: name and password, the one-use link of the demo, sign-out."""

import time
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from serai.foundation.access import people
from serai.foundation.http.guards import address_of
from serai.foundation.http.kit import Kit
from serai.foundation.http.problems import RetryLaterError
from serai.foundation.http.respond import kit_of, own_cookie, page
from serai.model.errors import SeraiError

FIRST_PAGE = "/arrivals"
_OPT = {"act": "session.enter"}


class SignInView(msgspec.Struct, frozen=True):
    """What the sign-in page shows; fault: what went wrong at the last try."""

    next: str
    sign_in_name: str = ""
    fault: str = ""


@get("/sign-in", opt=_OPT, include_in_schema=False)
async def show_sign_in(request: Request[Any, Any, Any], next: FromQuery[str] = FIRST_PAGE) -> Response[str]:  # noqa: A002
    """Show the form."""
    return page(request, SignInView(own_address(next)), "sign_in.html")


@post("/sign-in", opt=_OPT, include_in_schema=False, status_code=303)
async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a session and go where the person wanted to go."""
    kit = kit_of(request)
    form = await request.form()
    name, password = str(form.get("sign_in_name", "")), str(form.get("password", ""))
    next_address = own_address(str(form.get("next", "")))
    wait_s = kit.sign_in_limit.take(address_of(request), time.monotonic())
    if wait_s > 0:
        raise RetryLaterError(
            "rate-limited",
            "Too many tries to sign in.",
            f"Wait {int(wait_s) + 1} seconds.",
            retry_after_s=int(wait_s) + 1,
        )
    try:
        async with kit.database.write() as connection:
            token = await people.sign_in(
                connection,
                administration_id=kit.administration_id,
                sign_in_name=name,
                password=password,
                at=kit.clock.now(),
                lasts=kit.session_lasts,
            )
    except SeraiError as error:
        if error.code != "sign-in-failed":
            raise
        view = SignInView(next_address, name, f"{error.message} {error.next_step}")
        return page(request, view, "sign_in.html", status=401)
    return _go_signed_in(kit, token, next_address)


@get("/enter/{token:str}", opt=_OPT, include_in_schema=False)
async def enter(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """Sign in by a link that works once."""
    kit = kit_of(request)
    async with kit.database.write() as connection:
        session_token = await people.enter_by_link(
            connection,
            token=token,
            administration_id=kit.administration_id,
            at=kit.clock.now(),
            lasts=kit.session_lasts,
        )
    return _go_signed_in(kit, session_token, FIRST_PAGE)


@post("/sign-out", opt=_OPT, include_in_schema=False, status_code=303)
async def sign_out(request: Request[Any, Any, Any]) -> Response[None]:
    """End the session."""
    kit = kit_of(request)
    token = request.cookies.get(kit.session_cookie)
    if token:
        async with kit.database.write() as connection:
            await people.sign_out(connection, session_token=token, at=kit.clock.now())
    gone = own_cookie(kit.session_cookie, "", has_https=kit.pages.site.has_https, max_age_s=0)
    return Response(None, status_code=303, headers={"location": "/sign-in"}, cookies=[gone])


def own_address(address: str) -> str:
    """Return `address` if it lies on this server, else the first page: nobody is led elsewhere."""
    is_own = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if is_own and address.isprintable() else FIRST_PAGE


def _go_signed_in(kit: Kit, session_token: str, address: str) -> Response[None]:
    cookie = own_cookie(
        kit.session_cookie,
        session_token,
        has_https=kit.pages.site.has_https,
        max_age_s=int(kit.session_lasts.total_seconds()),
    )
    headers = {"location": address, "cache-control": "no-store"}
    return Response(None, status_code=303, headers=headers, cookies=[cookie])
