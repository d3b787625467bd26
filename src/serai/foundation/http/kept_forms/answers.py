"""What becomes of a form that is sent without a session: it is kept, its person signs in, it comes back."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie, UploadFile
from litestar.enums import RequestEncodingType

from serai.foundation.access.actor import Means
from serai.foundation.access.kept_forms.service import KEPT_FOR, KeptForm
from serai.foundation.http.kept_forms.filling import FORM_TOKEN
from serai.foundation.http.respond import account_of, actor_of, kit_of, own_cookie

_Request = Request[Any, Any, Any]
_FORMS: Final = frozenset({RequestEncodingType.URL_ENCODED.value, RequestEncodingType.MULTI_PART.value})
KEPT_PAGE: Final = "/kept-form"
_SECRET_PAGES: Final = ("/account", "/sign-in", "/sign-out", "/password", "/confirm", "/register", KEPT_PAGE)
"""What is typed there proves who somebody is, and is never kept."""
_SECRET_NAMES: Final = frozenset({FORM_TOKEN, "password", "old", "again", "code", "answer", "secret"})
_BAD_SESSION: Final = frozenset({"sign-in-needed", "form-token-missing"})


def may_be_kept(request: _Request, code: str) -> bool:
    """Say whether a request is a form of one of our pages that fails for its session alone."""
    path = request.url.path
    return (
        code in _BAD_SESSION
        and request.method == "POST"
        and request.content_type[0] in _FORMS
        and bool(request.cookies.get(kit_of(request).session_cookie))
        and not any(path == one or path.startswith(f"{one}/") for one in _SECRET_PAGES)
        and _is_from_our_page(request)
    )


class Kept(NamedTuple):
    """Where its person goes on, and what their browser holds of the form."""

    address: str
    cookie: Cookie


async def keep_form(request: _Request) -> Kept | None:
    """Keep the form of a request. None: it is not known whose it was, or it is too much."""
    kit, at = kit_of(request), kit_of(request).clock.now()
    actor = actor_of(request)
    is_signed_in = actor.means is Means.PAGE_SESSION
    account_id = (
        account_of(actor)
        if is_signed_in
        else await kit.kept_forms.whose(request.cookies.get(kit.session_cookie, ""), at)
    )
    if account_id is None:
        return None
    form = await _read(request)
    token = await kit.kept_forms.keep(account_id, form, at)
    if token is None:
        return None
    cookie = own_cookie(
        kit.kept_form_cookie,
        token,
        has_https=kit.pages.site.has_https,
        max_age_s=int(KEPT_FOR.total_seconds()),
    )
    return Kept(form.page if is_signed_in else kit.sign_in_address(form.page), cookie)


async def find_kept(request: _Request) -> KeptForm | None:
    """Return the form that waits for whoever is signed in here."""
    kit, actor = kit_of(request), actor_of(request)
    token = request.cookies.get(kit.kept_form_cookie)
    if not token or actor.means is not Means.PAGE_SESSION:
        return None
    return await kit.kept_forms.find(token, account_of(actor), kit.clock.now())


async def forget_sent(request: _Request) -> None:
    """Let go of the kept form when a form is sent where it was sent before."""
    kept = await find_kept(request)
    if kept is not None and kept.action == request.url.path:
        await forget_kept(request)


async def forget_kept(request: _Request) -> None:
    """Let go of the kept form."""
    kit = kit_of(request)
    await kit.kept_forms.forget(request.cookies.get(kit.kept_form_cookie, ""), account_of(actor_of(request)))


async def _read(request: _Request) -> KeptForm:
    form = await request.form()
    fields, had_files = [], False
    for name, value in form.multi_items():
        if isinstance(value, str):
            if name not in _SECRET_NAMES:
                fields.append((name, value))
        elif isinstance(value, UploadFile):
            had_files = had_files or bool(value.filename)
            await value.close()
    return KeptForm(_page_of(request), request.url.path, fields, had_files)


def _page_of(request: _Request) -> str:
    """Return the page on which the form stood; where the browser does not say it, where it was sent."""
    said = urlsplit(request.headers.get("referer", ""))
    if said.netloc != _host(request) or not said.path.startswith("/") or said.path.startswith("//"):
        return str(request.url.path)
    return said.path + (f"?{said.query}" if said.query else "")


def _is_from_our_page(request: _Request) -> bool:
    """Another site may not have us keep what it has written: browsers say from where a form comes."""
    origin = urlsplit(request.headers.get("origin", "")).netloc
    return bool(origin) and origin in _own_hosts(request)


def _own_hosts(request: _Request) -> Sequence[str]:
    return _host(request), urlsplit(kit_of(request).public_url).netloc


def _host(request: _Request) -> str:
    return str(request.headers.get("host", ""))
