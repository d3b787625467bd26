"""Pages of a buyer, on a phone first, whole without script: find the parcel, see where it stands."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, cast, get_args

import msgspec
from litestar import Request, Response, get, post

from serai.foundation.access.secrets import make_token
from serai.foundation.http.form_files import read_file
from serai.foundation.http.guards import client_network
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.kit import Kit
from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.problems import RetryLaterError, retry_after_s
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, language_of, own_cookie, page
from serai.foundation.settings import Settings
from serai.journey.buyers.codes import CodeSent, confirm, send_code
from serai.journey.buyers.requests import RequestKind, add_proof, require_confirmed
from serai.journey.buyers.service import Buyers
from serai.journey.cases.service import CaseFiles
from serai.journey.documents.proofs import CONTENT_BYTES_MAX, read_proof
from serai.journey.mailing.service import Mailing
from serai.journey.processing.transaction import Processor
from serai.journey.services import Services
from serai.model.errors import SeraiError
from serai.portal.track.api import request_of_buyer
from serai.portal.track.own_data import erase_own_data, read_own_data
from serai.portal.track.own_parcel import OwnParcels
from serai.portal.track.proof import show_proof
from serai.portal.track.view import read_recalls_of, view_status

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "parcels.track"}
_NUMBER_LENGTH_MAX: Final = 70
_POSTCODE_LENGTH_MAX: Final = 60
_WORDS_LENGTH_MAX: Final = 2_000
_REFERENCE_LENGTH: Final = 20
_REQUESTS: Final = frozenset({*get_args(RequestKind), "review", "appeal"})
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_TOLD: Final = frozenset(
    {
        *("buyer-code-wrong", "tries-spent", "contact-missing", "contact-unfit", "form-incomplete"),
        *("proof-unfit", "proof-too-large", "review-not-due", "decision-not-current", "code-needed"),
        *("appeal-open", "appeal-too-late"),
    }
)
"""What is told on the page of the parcel, at its field."""
_FORM_FAULTY: Final = 422
"""Of a form that is shown again with its faults."""
_REFUSED: Final = {
    "parcel-unknown": _FORM_FAULTY,
    "tries-spent": 429,
    "buyer-session-ended": 401,
    "code-needed": 403,
}


class TrackForm(msgspec.Struct, frozen=True):
    """What the form shows again. faults: by field, in words; remedy: what to do about them."""

    number: str = ""
    postcode: str = ""
    faults: dict[str, str] = {}
    remedy: str = ""


class NoticeForm(msgspec.Struct, frozen=True):
    """A number as it was typed, and whether it is ours; None: nothing was asked."""

    number: str = ""
    is_ours: bool | None = None
    address: str = ""


@get("/track", opt=_OPT, include_in_schema=False)
async def show_track(request: _Request) -> Response[str]:
    """Show the form."""
    return page(request, TrackForm(), "portal/track.html")


@post("/track", opt=_OPT, status_code=303, include_in_schema=False)
async def track(request: _Request) -> Response[Any]:
    """Find the parcel; whoever knew number and postcode gets a cookie that knows the parcel, and nothing of
    either stands in an address."""
    form = await request.form()
    number, postcode = str(form.get("number", "")).strip(), str(form.get("postcode", "")).strip()
    faults = _find_faults(number, postcode, language_of(request))
    if faults:
        return page(request, TrackForm(number, postcode, faults), "portal/track.html", status=422)
    try:
        opened = await provided(request, Buyers).find_parcel(number, postcode, client_network(request))
    except SeraiError as error:
        return _refused(request, error, TrackForm(number, postcode))
    return go_to_parcel(request, opened.token)


@get("/track/parcel", opt=_OPT, include_in_schema=False)
async def show_parcel(request: _Request) -> Response[Any]:
    """Show where the parcel stands, and after a code all that its buyer may see."""
    return await _show_parcel(request)


@post("/track/code", opt=_OPT, status_code=200, include_in_schema=False)
async def ask_for_code(request: _Request) -> Response[Any]:
    """Send a code to the contact in the declaration, and show where it is typed."""
    try:
        sent = await send_code(
            provided(request, Buyers),
            provided(request, Mailing),
            session_of(request),
            language_of(request),
        )
    except SeraiError as error:
        return await _show_parcel(request, error, "code")
    return await _show_parcel(request, sent=sent)


@post("/track/confirmation", opt=_OPT, status_code=303, include_in_schema=False)
async def type_code(request: _Request) -> Response[Any]:
    """Open the rest by the code; the browser gets a session that is new."""
    code = str((await request.form()).get("code", ""))
    try:
        opened = await confirm(provided(request, Buyers), session_of(request), code)
    except SeraiError as error:
        return await _show_parcel(request, error, "code")
    return go_to_parcel(request, opened.token)


@post("/track/requests", opt=_OPT, status_code=303, include_in_schema=False)
async def make_buyers_request(request: _Request) -> Response[Any]:
    """State or ask for something; sent twice it is done once."""
    form = {name: str(value) for name, value in (await request.form()).items() if isinstance(value, str)}
    kind, words = form.get("kind", ""), form.get("words", "").strip()
    try:
        if kind not in _REQUESTS or not 1 <= len(words) <= _WORDS_LENGTH_MAX:
            raise SeraiError(
                "form-incomplete", "Something is missing.", "Choose what it is, and say it in a sentence."
            )
        at = await provided(request, Buyers).at_parcel(session_of(request))
        await request_of_buyer(
            request,
            at,
            cast("Any", kind),
            reference=_reference(form.get("reference", "")),
            words=words,
            email=form.get("email", "").strip() or None,
        )
    except SeraiError as error:
        return await _show_parcel(request, error, "email" if kind == "contact" else "words", form=form)
    return _back(kind)


@post(
    "/track/proofs",
    opt=_OPT,
    status_code=303,
    include_in_schema=False,
    request_max_body_size=CONTENT_BYTES_MAX + 100_000,
)
async def upload_proof(request: _Request) -> Response[Any]:
    """Take a proof; its name and stated type count for nothing."""
    form = await request.form()
    given = form.get("file")
    content = await read_file(given)
    try:
        at = await provided(request, Buyers).at_parcel(session_of(request))
        require_confirmed(at)
        proof = await asyncio.to_thread(read_proof, content)
        reference = _reference(str(form.get("reference", "")))
        await add_proof(provided(request, Processor), at, proof, reference=reference)
    except SeraiError as error:
        return await _show_parcel(request, error, "file")
    return _back("proof")


@get("/track/data", opt=_OPT, include_in_schema=False)
async def show_data(request: _Request) -> Response[Any]:
    """Show who read the person's data, and what they are kept for."""
    try:
        at = await provided(request, Buyers).at_parcel(session_of(request))
        own = await read_own_data(provided(request, Services), at, language_of(request))
    except SeraiError as error:
        return _refused(request, error, TrackForm())
    more = {"time_zone": _zone(request), "reference": make_token()[:_REFERENCE_LENGTH]}
    return page(request, own, "portal/track_data.html", more=more)


@get("/track/proof", opt=_OPT, include_in_schema=False)
async def show_paid_proof(request: _Request) -> Response[Any]:
    """Show what was paid, and the proof of it as a code."""
    try:
        at = await provided(request, Buyers).at_parcel(session_of(request))
        shown = await show_proof(request, at, language_of(request))
    except SeraiError as error:
        return _refused(request, error, TrackForm())
    more = {"time_zone": _zone(request)}
    return page(request, shown, "portal/track_proof.html", headers={"cache-control": "no-store"}, more=more)


@post("/track/erasure", opt=_OPT, status_code=200, include_in_schema=False)
async def erase_data(request: _Request) -> Response[Any]:
    """Erase the person's data, or restrict them; it is asked for by a word that is typed."""
    form = await request.form()
    try:
        at = await provided(request, Buyers).at_parcel(session_of(request))
        if form.get("sure") != "yes":
            raise SeraiError("form-incomplete", "Nothing was erased.", "Tick that you are sure.")
        done = await erase_own_data(provided(request, Services), at)
    except SeraiError as error:
        return await _show_parcel(request, error, "sure")
    return page(request, done, "portal/track_erased.html", more={"time_zone": _zone(request)})


@get("/notices/check", opt=_OPT, include_in_schema=False)
async def show_notice_check(request: _Request) -> Response[str]:
    """Show the form."""
    return page(request, NoticeForm(), "portal/notice_check.html")


@post("/notices/check", opt=_OPT, status_code=200, include_in_schema=False)
async def check_notice_typed(request: _Request) -> Response[str]:
    """Say whether a message with this number is ours."""
    number = str((await request.form()).get("number", "")).strip()[:100]
    mailing = provided(request, Mailing)
    found = NoticeForm(number, await mailing.is_ours(number), mailing.writer.address)
    return page(request, found, "portal/notice_check.html")


@post("/track/leave", opt=_OPT, status_code=303, include_in_schema=False)
async def leave(request: _Request) -> Response[None]:
    """Forget the parcel in this browser, as on a phone of somebody else."""
    await provided(request, Buyers).leave(session_of(request))
    return Response(None, status_code=303, headers={"location": "/track"}, cookies=[_cookie(request, "", 0)])


ROUTES = [
    show_track,
    track,
    show_parcel,
    ask_for_code,
    type_code,
    make_buyers_request,
    upload_proof,
    show_data,
    show_paid_proof,
    erase_data,
    show_notice_check,
    check_notice_typed,
    leave,
]


def session_of(request: _Request) -> str:
    """Return the session that the browser holds; "": none."""
    return request.cookies.get(_cookie_name(kit_of(request)), "")


def go_to_parcel(request: _Request, token: str) -> Response[None]:
    """Lead to the parcel with a session that is new, whatever the browser held before."""
    lasts_s = provided(request, Settings).buyers.session_minutes * 60
    headers = {"location": "/track/parcel", "cache-control": "no-store"}
    return Response(None, status_code=303, headers=headers, cookies=[_cookie(request, token, lasts_s)])


async def _show_parcel(
    request: _Request,
    error: SeraiError | None = None,
    field: str = "",
    *,
    sent: CodeSent | None = None,
    form: Mapping[str, str] = _NOTHING,
) -> Response[Any]:
    """Show the parcel of the browser's session. error: what went wrong at a field of the page."""
    if error is not None and error.code not in _TOLD:
        return _refused(request, error, TrackForm())
    try:
        at = await provided(request, Buyers).at_parcel(session_of(request))
        parcel = view_status(
            at,
            await provided(request, CaseFiles).read_offices(),
            language_of(request),
            await read_recalls_of(provided(request, Services), at),
        )
        own = None
        if parcel.is_confirmed:
            own = await provided(request, OwnParcels).read(at, language_of(request))
    except SeraiError as ended:
        return _refused(request, ended, TrackForm())
    more = {
        "time_zone": _zone(request),
        "own": own,
        "sent": sent,
        "asks_code": sent is not None or field == "code",
        "done": request.query_params.get("done", ""),
        "given": form,
        "faults": {} if error is None else {field: text_in(error.texts[0], language_of(request))},
        "remedy": "" if error is None else text_in(error.texts[1], language_of(request)),
        "reference": form.get("reference") or make_token()[:_REFERENCE_LENGTH].replace("_", "-"),
    }
    wait_s = None if error is None else retry_after_s(error)
    status = 200 if error is None else _FORM_FAULTY if wait_s is None else 429
    headers = {} if wait_s is None else {"retry-after": str(wait_s)}
    return page(request, parcel, "portal/track_parcel.html", status=status, headers=headers, more=more)


def _back(done: str) -> Response[None]:
    headers = {"location": f"/track/parcel?done={done}", "cache-control": "no-store"}
    return Response(None, status_code=303, headers=headers)


def _reference(typed: str) -> str:
    """Return the page's own word for what is sent, so that it is done once; another is none of ours."""
    return (
        typed
        if typed.replace("-", "").isalnum() and typed.isascii() and len(typed) <= 40
        else make_token()[:20]
    )


def _zone(request: _Request) -> str:
    return provided(request, Settings).administration.time_zone


def _cookie(request: _Request, token: str, lasts_s: int) -> Any:
    kit = kit_of(request)
    has_https = kit.pages.site.has_https
    return own_cookie(_cookie_name(kit), token, has_https=has_https, max_age_s=lasts_s)


def _cookie_name(kit: Kit) -> str:
    return f"{'__Host-' if kit.pages.site.has_https else ''}serai_parcel"


def _find_faults(number: str, postcode: str, language: str) -> dict[str, str]:
    faults = {}
    if not 3 <= len(number) <= _NUMBER_LENGTH_MAX:
        faults["number"] = translatable(
            "Type the number of the order or of the parcel, as LX 473 124 829 CN."
        )
    if not 1 <= len(postcode) <= _POSTCODE_LENGTH_MAX:
        faults["postcode"] = translatable("Type the postcode of the address that the parcel goes to.")
    return {field: text_in(said, language) for field, said in faults.items()}


def _refused(request: _Request, error: SeraiError, form: TrackForm) -> Response[str]:
    """Show the form with what went wrong; whatever is not of buyers is told as everywhere."""
    if error.code not in _REFUSED:
        raise error
    wait_s = retry_after_s(error) if isinstance(error, RetryLaterError) else None
    language = language_of(request)
    message, next_step = error.texts
    view = msgspec.structs.replace(
        form, faults={"number": text_in(message, language)}, remedy=text_in(next_step, language)
    )
    return page(
        request,
        view,
        "portal/track.html",
        status=_REFUSED[error.code],
        headers={} if wait_s is None else {"retry-after": str(wait_s)},
    )
