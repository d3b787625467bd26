"""Pages of a buyer, on a phone first, whole without script: find the parcel, see where it stands."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from serai.foundation.http.guards import client_network
from serai.foundation.http.kit import Kit
from serai.foundation.http.problems import RetryLaterError, retry_after_s
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, own_cookie, page
from serai.foundation.settings import Settings
from serai.journey.buyers.service import Buyers
from serai.model.errors import SeraiError
from serai.portal.track.api import status_of

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "parcels.track"}
_NUMBER_LENGTH_MAX: Final = 70
_POSTCODE_LENGTH_MAX: Final = 60
_REFUSED: Final = {"parcel-unknown": 404, "tries-spent": 429, "buyer-session-ended": 401}


class TrackForm(msgspec.Struct, frozen=True):
    """What the form shows again. faults: by field, in words."""

    number: str = ""
    postcode: str = ""
    faults: dict[str, str] = {}


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
    faults = _find_faults(number, postcode)
    if faults:
        return page(request, TrackForm(number, postcode, faults), "portal/track.html", status=422)
    try:
        opened = await provided(request, Buyers).find_parcel(number, postcode, client_network(request))
    except SeraiError as error:
        return _refused(request, error, TrackForm(number, postcode))
    return go_to_parcel(request, opened.token)


@get("/track/parcel", opt=_OPT, include_in_schema=False)
async def show_parcel(request: _Request) -> Response[Any]:
    """Show where the parcel stands."""
    try:
        parcel = await status_of(request, session_of(request))
    except SeraiError as error:
        return _refused(request, error, TrackForm())
    zone = provided(request, Settings).administration.time_zone
    return page(request, parcel, "portal/track_parcel.html", more={"time_zone": zone})


@post("/track/leave", opt=_OPT, status_code=303, include_in_schema=False)
async def leave(request: _Request) -> Response[None]:
    """Forget the parcel in this browser, as on a phone of somebody else."""
    await provided(request, Buyers).leave(session_of(request))
    return Response(None, status_code=303, headers={"location": "/track"}, cookies=[_cookie(request, "", 0)])


ROUTES = [show_track, track, show_parcel, leave]


def session_of(request: _Request) -> str:
    """Return the session that the browser holds; "": none."""
    return request.cookies.get(_cookie_name(kit_of(request)), "")


def go_to_parcel(request: _Request, token: str) -> Response[None]:
    """Lead to the parcel with a session that is new, whatever the browser held before."""
    lasts_s = provided(request, Settings).buyers.session_minutes * 60
    headers = {"location": "/track/parcel", "cache-control": "no-store"}
    return Response(None, status_code=303, headers=headers, cookies=[_cookie(request, token, lasts_s)])


def _cookie(request: _Request, token: str, lasts_s: int) -> Any:
    kit = kit_of(request)
    has_https = kit.pages.site.has_https
    return own_cookie(_cookie_name(kit), token, has_https=has_https, max_age_s=lasts_s)


def _cookie_name(kit: Kit) -> str:
    return f"{'__Host-' if kit.pages.site.has_https else ''}serai_parcel"


def _find_faults(number: str, postcode: str) -> dict[str, str]:
    faults = {}
    if not 3 <= len(number) <= _NUMBER_LENGTH_MAX:
        faults["number"] = "Type the number of the order or of the parcel, as LX 473 124 829 CN."
    if not 1 <= len(postcode) <= _POSTCODE_LENGTH_MAX:
        faults["postcode"] = "Type the postcode of the address that the parcel goes to."
    return faults


def _refused(request: _Request, error: SeraiError, form: TrackForm) -> Response[str]:
    """Show the form with what went wrong; whatever is not of buyers is told as everywhere."""
    if error.code not in _REFUSED:
        raise error
    wait_s = retry_after_s(error) if isinstance(error, RetryLaterError) else None
    view = msgspec.structs.replace(form, faults={"number": f"{error.message} {error.next_step}"})
    return page(
        request,
        view,
        "portal/track.html",
        status=_REFUSED[error.code],
        headers={} if wait_s is None else {"retry-after": str(wait_s)},
    )
