"""Signing in at a provider of identities: the browser is sent there, and comes back with a code."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from serai.foundation.http.guards import client_network
from serai.foundation.http.request_edge import asks_for_head
from serai.foundation.http.respond import kit_of, own_cookie
from serai.foundation.http.sign_in import FIRST_PAGE, go_in, own_address, refuse_sign_in, slow_down
from serai.model.errors import SeraiError

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "session.enter"}
_PARAMETERS: Final = ("code", "state", "iss", "error")


@get("/sign-in/at/{provider:str}", opt=_OPT, include_in_schema=False)
async def send_to_provider(
    request: _Request,
    provider: FromPath[str],
    next: FromQuery[str] = FIRST_PAGE,  # noqa: A002
) -> Response[Any]:
    """Send the browser to a provider; to look whether it is there (HEAD) sends nobody."""
    if asks_for_head(request):
        return Response(None, status_code=200, headers={"cache-control": "no-store"})
    kit = kit_of(request)
    slow_down(request, kit)
    try:
        sent = await kit.oidc.send(
            provider,
            redirect_address=_redirect_address(request, provider),
            next_address=own_address(next),
            at=kit.clock.now(),
        )
    except SeraiError as error:
        return refuse_sign_in(request, error, own_address(next))
    cookie = own_cookie(kit.oidc_cookie, sent.cookie, has_https=kit.pages.site.has_https, max_age_s=600)
    headers = {"location": sent.address, "cache-control": "no-store"}
    return Response(None, status_code=303, headers=headers, cookies=[cookie])


@get("/sign-in/at/{provider:str}/back", opt=_OPT, include_in_schema=False)
async def come_back(request: _Request, provider: FromPath[str]) -> Response[Any]:
    """Open a session for whoever comes back from a provider, by way of our second factor where it is due."""
    if asks_for_head(request):
        return Response(None, status_code=200, headers={"cache-control": "no-store"})
    kit, at = kit_of(request), kit_of(request).clock.now()
    slow_down(request, kit)
    given = {name: value for name in _PARAMETERS if (value := request.query_params.get(name)) is not None}
    try:
        back = await kit.oidc.take_back(
            provider,
            request.cookies.get(kit.oidc_cookie, ""),
            given,
            redirect_address=_redirect_address(request, provider),
            at=at,
        )
        opened = await kit.sign_in.by_identity(
            back.account_id, client_network(request), at, provider=provider, is_strong=back.is_strong
        )
    except SeraiError as error:
        return refuse_sign_in(request, error, FIRST_PAGE)
    return await go_in(request, opened, own_address(back.next_address))


ROUTES = [send_to_provider, come_back]


def _redirect_address(request: _Request, provider: str) -> str:
    """Each provider has an address of its own to come back to: no answer is taken for another's."""
    public = kit_of(request).public_url or str(request.base_url)
    return f"{public.rstrip('/')}/sign-in/at/{provider}/back"
