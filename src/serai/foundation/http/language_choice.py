"""A language is chosen by a link on each page, and kept: in a cookie, or with the account signed in."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery

from serai.foundation.access.actor import Means
from serai.foundation.http.request_edge import asks_for_head
from serai.foundation.http.respond import LANGUAGE_COOKIE, actor_of, kit_of, own_cookie
from serai.foundation.http.sign_in import own_address
from serai.model.errors import SeraiError
from serai.model.languages import LANGUAGES
from serai.model.message_text import MessageText

_KEPT_FOR_S: Final = 365 * 24 * 3600


@get("/language/{language:str}", opt={"act": "session.enter"}, include_in_schema=False)
async def choose_language_by_link(
    request: Request[Any, Any, Any], language: FromPath[str], back: FromQuery[str] = "/"
) -> Response[None]:
    """Speak a language on this device from now on, and go back to the page that was read."""
    _require_known(language)
    cookies = [] if asks_for_head(request) else [_kept(request, language)]
    return _go_back(back, cookies)


@post("/language", opt={"act": "session.enter"}, include_in_schema=False, status_code=303)
async def choose_language_of_account(request: Request[Any, Any, Any]) -> Response[None]:
    """Speak a language to the account that is signed in, on every device, and go back."""
    form = await request.form()
    language, back = str(form.get("language", "")), str(form.get("back", ""))
    _require_known(language)
    actor = actor_of(request)
    if actor.means is Means.PAGE_SESSION and actor.credential_id is not None:
        await kit_of(request).sign_in.choose_language(int(actor.credential_id.partition(":")[2]), language)
    return _go_back(back, [_kept(request, language)])


ROUTES = [choose_language_by_link, choose_language_of_account]


def _require_known(language: str) -> None:
    if language not in LANGUAGES:
        raise SeraiError(
            "language-unknown",
            MessageText("There are no pages in language `{language}`.", language=language[:12]),
            MessageText("Choose one of {listed}.", listed=", ".join(LANGUAGES)),
        )


def _kept(request: Request[Any, Any, Any], language: str) -> Cookie:
    has_https = kit_of(request).pages.site.has_https
    return own_cookie(LANGUAGE_COOKIE, language, has_https=has_https, max_age_s=_KEPT_FOR_S)


def _go_back(address: str, cookies: list[Cookie]) -> Response[None]:
    headers = {"location": own_address(address), "cache-control": "no-store"}
    return Response(None, status_code=303, headers=headers, cookies=cookies)
