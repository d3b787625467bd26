"""The page of a kept form, for where no page has it any more; and going on with a session that is to end."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from serai.foundation.access.kept_forms.service import KeptForm
from serai.foundation.http.kept_forms.answers import KEPT_PAGE, find_kept, forget_kept
from serai.foundation.http.respond import actor_of, kit_of, own_cookie, page, signed_in_until

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "account.use"}


class KeptFormView(msgspec.Struct, frozen=True):
    """What the page shows. form: None: nothing is kept."""

    form: KeptForm | None


class SessionOut(msgspec.Struct, frozen=True):
    """until: when the session ends if nobody does anything; None: it has ended."""

    until: datetime | None


@get(KEPT_PAGE, opt=_OPT, include_in_schema=False)
async def show_kept_form(request: _Request) -> Response[str]:
    """Show what was typed, to be sent as it is, or thrown away."""
    return page(request, KeptFormView(await find_kept(request)), "kept_form.html")


@post(KEPT_PAGE, opt=_OPT, include_in_schema=False, status_code=303)
async def throw_away(request: _Request) -> Response[None]:
    """Keep it no longer."""
    await forget_kept(request)
    kit = kit_of(request)
    gone = own_cookie(kit.kept_form_cookie, "", has_https=kit.pages.site.has_https, max_age_s=0)
    return Response(None, status_code=303, headers={"location": "/"}, cookies=[gone])


@post("/session", opt={"act": "session.enter"}, include_in_schema=False, status_code=200)
async def go_on(request: _Request) -> Response[SessionOut]:
    """Go on with the session; to be asked is to use it."""
    until = signed_in_until(kit_of(request), actor_of(request))
    return Response(SessionOut(until), headers={"cache-control": "no-store"})


ROUTES = [show_kept_form, throw_away, go_on]
