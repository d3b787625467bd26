"""The page `/check`: paste a message or give a file, see every fault at its line; for everybody."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from serai.formats.standards import BY_NAME
from serai.foundation.http.guards import client_network
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, language_of, page
from serai.laboratory.message_check.checked import NAMES
from serai.model.message_text import MessageText
from serai.portal.law.pages import Fault, law_of
from serai.portal.message_check.service import CONTENT_BYTES_MAX, CheckService
from serai.portal.message_check.view import MessageView, view_message

_Request = Request[Any, Any, Any]
_BODY_BYTES_MAX: Final = 4 * CONTENT_BYTES_MAX
"""A form writes a letter as up to three; and it holds more than the message."""


@get("/check", opt={"act": "messages.check"}, include_in_schema=False)
async def show_check(request: _Request) -> Response[Any]:
    """Show the form."""
    wanted = request.query_params.get("standard", "")
    return _page(request, None, wanted if wanted in NAMES else NAMES[0], "", [])


@post(
    "/check",
    opt={"act": "messages.check"},
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def check_pasted(request: _Request) -> Response[Any]:
    """Check what was pasted or given; it comes back on the page and is forgotten."""
    form = await request.form()
    standard = str(form.get("standard", ""))
    pasted = form.get("message")
    text = pasted.replace("\r\n", "\n") if isinstance(pasted, str) else ""
    content = text.encode("utf-8", "replace") or await _read_file(form.get("file"))
    faults = _find_faults(standard, content)
    if faults:
        return _page(request, None, standard, text, faults)
    service = provided(request, CheckService)
    checked = await service.check(
        client_network(request),
        content,
        standard,
        kind="declaration",
        law=law_of(request),
        at_ms=int(kit_of(request).clock.now().timestamp() * 1000),
    )
    return _page(request, view_message(content, checked, language_of(request)), standard, text, [])


async def _read_file(given: Any) -> bytes:
    if given is None or isinstance(given, str):
        return b""
    try:
        return bytes(await given.read())
    finally:
        await given.close()


def _find_faults(standard: str, content: bytes) -> list[Fault]:
    if standard not in NAMES:
        return [Fault("standard", translatable("Choose a form or standard."))]
    if not content.strip():
        return [Fault("message", translatable("Paste a message, or choose a file."))]
    if len(content) > CONTENT_BYTES_MAX:
        said = MessageText(
            "A message has at most {kib_max} KiB here; `serai check` has no such limit.",
            kib_max=CONTENT_BYTES_MAX // 1024,
        )
        return [Fault("message", said)]
    return []


def _page(
    request: _Request, view: MessageView | None, standard: str, text: str, faults: list[Fault]
) -> Response[Any]:
    language = language_of(request)
    choices = [(name, text_in(BY_NAME[name].title, language)) for name in NAMES]
    faults = [msgspec.structs.replace(one, text=text_in(one.text, language)) for one in faults]
    more = {"choices": choices, "standard": standard, "text": text, "faults": faults}
    return page(request, view, "portal/message_check.html", status=422 if faults else 200, more=more)


ROUTES = [show_check, check_pasted]
