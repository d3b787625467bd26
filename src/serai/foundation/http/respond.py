"""One answer from one struct: data for machines, a page for people, chosen by the Accept header."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal, TypeVar, cast

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.params import QueryParameter
from litestar.types import Receive, Scope, Send

from serai.foundation.access.actor import PUBLIC_ACTOR, Actor, Means
from serai.foundation.access.recognition import USED_TO_WITHIN
from serai.foundation.access.secrets import form_token, make_token
from serai.foundation.http.kept_forms.filling import fill_page
from serai.foundation.http.kit import Kit
from serai.foundation.http.negotiation import HTML, JSON, choose_language, choose_media_type
from serai.foundation.http.packing import PACKED_BYTES_MIN, pack_page, unpacks
from serai.foundation.http.page_maker import Frame
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE
from serai.foundation.http.provided import provided
from serai.foundation.http.request_edge import LANGUAGE_STATE
from serai.model.errors import SeraiError
from serai.model.languages import LANGUAGES

Data = TypeVar("Data", bound=msgspec.Struct)


def respond(
    request: Request[Any, Any, Any],
    data: Data,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Response[Data]:
    """Answer with `data` as JSON or as the page `template` (which sees it as `data`, and `more` by name).

    Neither acceptable: SeraiError `not-acceptable`.
    """
    chosen = choose_media_type(request.headers.get("accept", ""), (JSON, HTML))
    if chosen == HTML:
        return cast(
            "Response[Data]", page(request, data, template, status=status, headers=headers, more=more)
        )
    if chosen is None:
        raise SeraiError(
            "not-acceptable",
            "None of the formats you accept is offered here.",
            "Accept application/json or text/html.",
        )
    return Response(data, media_type=JSON, status_code=status, headers={"vary": "accept", **(headers or {})})


def answer_document(status: int, content: bytes, *, location: str = "") -> Response[bytes]:
    """Answer one document with what became of it: 2xx and the answer as JSON, else a problem.

    location: address of what was made, told with 201.
    """
    headers = {"location": location} if status == HTTPStatus.CREATED and location else {}
    return _DocumentAnswer(
        content, media_type=media_type_of_answer(status), status_code=status, headers=headers
    )


class _DocumentAnswer(Response[bytes]):
    """An answer that is encoded already: it goes out as it is."""

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """Return what sends it."""
        return self._send

    async def _send(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [
            (b"content-type", str(self.media_type).encode("ascii")),
            (b"content-length", b"%d" % len(self.content)),
            *((name.encode("ascii"), value.encode("latin-1")) for name, value in self.headers.items()),
        ]
        await send({"type": "http.response.start", "status": self.status_code or 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.content, "more_body": False})


def media_type_of_answer(status: int) -> str:
    """Return in which form the answer to one document is written."""
    return JSON if status < HTTPStatus.BAD_REQUEST else PROBLEM_MEDIA_TYPE


def page(
    request: Request[Any, Any, Any],
    data: object,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    cookies: Sequence[Cookie] = (),
    more: Mapping[str, object] | None = None,
) -> Response[str]:
    """Answer with a page, whatever the client accepts; it is made when it is sent, beside the event loop."""
    pages = kit_of(request).pages
    frame, new_cookies = _own_frame(request)
    make = partial(pages.render, template, frame, data, **(more or {}))
    if is_form_awaited(request, frame):
        made = partial(_make_filled, request, make, frame)
    else:
        made = partial(pages.thread.make, make)
    return PageAnswer(made, status, {**_OWN_PAGE, **(headers or {})}, [*new_cookies, *cookies])


def is_form_awaited(request: Request[Any, Any, Any], frame: Frame) -> bool:
    """Say whether this browser may hold a kept form of whoever is signed in, for the page asked for."""
    return (
        frame.actor.means is Means.PAGE_SESSION
        and request.method == "GET"
        and bool(request.cookies.get(kit_of(request).kept_form_cookie))
    )


async def _make_filled(request: Request[Any, Any, Any], make: Callable[[], str], frame: Frame) -> str:
    kit, at = kit_of(request), kit_of(request).clock.now()
    token, account_id = request.cookies[kit.kept_form_cookie], account_of(frame.actor)
    kept = await kit.kept_forms.find(token, account_id, at)
    if kept is None or kept.page != frame.address:
        return await kit.pages.thread.make(make)
    return await kit.pages.thread.make(lambda: fill_page(make(), kept, kit.pages, frame))


def account_of(actor: Actor) -> int:
    """Return the number of the account that is signed in."""
    assert actor.means is Means.PAGE_SESSION, "asked of who is signed in alone"
    return int((actor.credential_id or "").partition(":")[2])


def page_at_once(
    request: Request[Any, Any, Any],
    data: object,
    template: str,
    *,
    status: int,
    headers: Mapping[str, str],
    shared: Hashable | None = None,
    more: Mapping[str, object] | None = None,
) -> Response[str]:
    """Answer with a page that is made now: whoever calls has another answer where that fails.

    shared: what it is kept by for all strangers, without their request's number; None: it is not. more: what
    the template sees beside `data`.
    """
    pages = kit_of(request).pages
    frame, cookies = _own_frame(request)
    if shared is None or frame.actor.is_known:
        text = pages.render(template, frame, data, **(more or {}))
    else:
        of_all = msgspec.structs.replace(_frame(request, "", ""), path="", address="/")
        make = partial(pages.render, template, of_all, data, **(more or {}))
        text = pages.kept.at_once((template, frame.language, shared), make)
    return Response(
        text,
        media_type=_PAGE_MEDIA_TYPE,
        status_code=status,
        headers={**_OWN_PAGE, **headers},
        cookies=cookies,
    )


def shared_page(
    request: Request[Any, Any, Any],
    template: str,
    edition: Hashable,
    build: Callable[[], tuple[object, Mapping[str, object]]],
) -> Response[str] | None:
    """Answer with a page that says the same to all strangers, kept by its address and language; None if it is
    another than a stranger's page that is asked for.

    edition: what the page changes with. build: gives what the template sees as `data`, and `more`; it runs
    beside the event loop, and only when the page is made. The template has no forms that need a token.
    """
    if actor_of(request).means is not Means.NONE:
        return None
    if choose_media_type(request.headers.get("accept", ""), (JSON, HTML)) != HTML:
        return None
    pages, frame = kit_of(request).pages, _frame(request, "", "")

    def make() -> str:
        data, more = build()
        return pages.render(template, frame, data, **more)

    name = (request.url.path, request.url.query, frame.language, edition)
    return PageAnswer(partial(pages.kept.get, name, make), HTTPStatus.OK, _OWN_PAGE, [])


_PAGE_MEDIA_TYPE: Final = f"{HTML}; charset=utf-8"
_OWN_PAGE: Final = {"vary": "accept, cookie, accept-encoding", "cache-control": "no-store"}
"""A page shows who is signed in, and form tokens: it is nobody else's."""


def _own_frame(request: Request[Any, Any, Any]) -> tuple[Frame, list[Cookie]]:
    """Return what a page knows of this request, and the cookie that its forms hang on where that is new."""
    secret, cookies = _form_secret(request, kit_of(request))
    return _frame(request, form_token(secret), str(request.scope["state"].get("request_id", ""))), cookies


def _frame(request: Request[Any, Any, Any], form_token: str, request_id: str) -> Frame:
    return Frame(
        path=request.url.path,
        address=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        actor=actor_of(request),
        language=language_of(request),
        form_token=form_token,
        request_id=request_id,
        at=kit_of(request).clock.now(),
        signed_in_until=signed_in_until(kit_of(request), actor_of(request)),
    )


def signed_in_until(kit: Kit, actor: Actor) -> datetime | None:
    """Return when the session ends if this request is its last; None: nobody is signed in."""
    if actor.session_ends_at is None:
        return None
    # The last use is known to about a minute: none is promised that may not be there.
    return min(kit.clock.now() + kit.session_idles - USED_TO_WITHIN, actor.session_ends_at)


class PageAnswer(Response[str]):
    """A page that is made when it is sent."""

    def __init__(
        self,
        make: Callable[[], Awaitable[str]],
        status: int,
        headers: Mapping[str, str],
        cookies: Sequence[Cookie],
    ) -> None:
        super().__init__(
            "",
            media_type=_PAGE_MEDIA_TYPE,
            status_code=status,
            headers=dict(headers),
            cookies=list(cookies),
        )
        self._make = make

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        """Return what makes and sends it."""

        async def send_page(scope: Scope, receive: Receive, send: Send) -> None:
            text = await self._make()
            content = text.encode()
            if len(content) >= PACKED_BYTES_MIN and unpacks(_accepted_encoding(scope)):
                content = await asyncio.to_thread(pack_page, content)
                self.headers["content-encoding"] = "gzip"
            # Rendered already: what is bytes goes out as it is.
            self.content = cast("str", content)
            await super(PageAnswer, self).to_asgi_response(*args, **kwargs)(scope, receive, send)

        return send_page


def _accepted_encoding(scope: Scope) -> str:
    found = (value for name, value in scope["headers"] if name == b"accept-encoding")
    return next(found, b"").decode("latin-1")


def language_of(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the language in which to answer, in pages and data: that of the account that is signed in, then
    the one chosen by link, then what Accept-Language wants most, then the administration's own.

    The answer says it by Content-Language, and by Vary what it was chosen by (`request_edge`).
    """
    state = request.scope["state"]
    known = state.get(LANGUAGE_STATE)
    if known is None:
        own = kit_of(request).pages.site.authentic_language
        known = state[LANGUAGE_STATE] = _chosen(request) or choose_language(
            request.headers.get("accept-language", ""), (own, *LANGUAGES)
        )
    return str(known)


def _chosen(request: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    actor = actor_of(request)
    if actor.means is Means.API_KEY:
        return None
    wanted = actor.language or request.cookies.get(LANGUAGE_COOKIE)
    return wanted if wanted in LANGUAGES else None


LANGUAGE_COOKIE: Final = "serai_language"


Include = Annotated[
    Literal["text"] | None,
    QueryParameter(
        description="`text`: reasons and findings with sentence, remedy and appeal, in the language of"
        " Accept-Language: en, fr, es, pt, ar, zh, ru, sw. Each says in `language` which one it is in."
    ),
]


def texts_in(request: ASGIConnection[Any, Any, Any, Any], include: str | None) -> str | None:
    """Return the language of the texts that are asked for; None: none are."""
    return language_of(request) if include == "text" else None


def kit_of(request: ASGIConnection[Any, Any, Any, Any]) -> Kit:
    """The kit that `build_litestar` provides."""
    return provided(request, Kit)


def actor_of(request: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """The actor whom the guard has recognised; the public where no guard ran (a 404)."""
    return cast("Actor", request.scope["state"].get("actor", PUBLIC_ACTOR))


def form_secret_of(request: ASGIConnection[Any, Any, Any, Any], kit: Kit) -> str | None:
    """The cookie that form tokens hang on: the session's when somebody is signed in."""
    is_signed_in = actor_of(request).means is Means.PAGE_SESSION
    return request.cookies.get(kit.session_cookie if is_signed_in else kit.form_cookie)


def _form_secret(request: Request[Any, Any, Any], kit: Kit) -> tuple[str, list[Cookie]]:
    """What form tokens hang on: the session, else a cookie that is set with the first page."""
    known = form_secret_of(request, kit)
    if known:
        return known, []
    secret = make_token()
    return secret, [own_cookie(kit.form_cookie, secret, has_https=kit.pages.site.has_https)]


def own_cookie(name: str, value: str, *, has_https: bool, max_age_s: int | None = None) -> Cookie:
    """A cookie that scripts cannot read and other sites' forms do not send."""
    return Cookie(
        key=name, value=value, path="/", httponly=True, samesite="lax", secure=has_https, max_age=max_age_s
    )
