"""HTTP for buyers' programs and apps. A session stands in the body, never in an address or a cookie."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.params import JSONBody
from msgspec import Meta

from serai.foundation.http.guards import client_network
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of
from serai.foundation.settings import Settings
from serai.journey.buyers.service import Buyers
from serai.portal.track.view import ParcelStatus, view_status

_AnyRequest = Request[Any, Any, Any]
_TAGS = ["Following"]
_NO_STORE = {"cache-control": "no-store"}

Number = Annotated[str, Meta(min_length=3, max_length=70)]
Postcode = Annotated[str, Meta(min_length=1, max_length=60)]
SessionToken = Annotated[str, Meta(min_length=1, max_length=100)]


class TrackRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel to be found. number: of the order or the parcel. postcode: of the address it goes to; the
    town where the address has none."""

    number: Number
    postcode: Postcode


class OfSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session, as it was given."""

    session: SessionToken


class Tracked(msgspec.Struct, frozen=True):
    """A parcel that was found. session: for what is asked next; it is in this answer only."""

    session: str
    parcel: ParcelStatus


@post(
    "/v1/track",
    opt={"act": "parcels.track"},
    status_code=200,
    tags=_TAGS,
    summary="Find a parcel by the number of its order or parcel and the postcode: where it stands.",
)
async def track_parcel(request: _AnyRequest, data: JSONBody[TrackRequest]) -> Response[Tracked]:
    """No key is asked for, and nothing personal is in the answer, no goods and no sums. A wrong postcode
    and a number that is not there have one answer. Tries are bounded."""
    buyers = provided(request, Buyers)
    opened = await buyers.find_parcel(data.number, data.postcode, client_network(request))
    return Response(Tracked(opened.token, await status_of(request, opened.token)), headers=_NO_STORE)


@post(
    "/v1/track/status",
    opt={"act": "parcels.track"},
    status_code=200,
    tags=_TAGS,
    summary="Where the parcel of a session stands now.",
)
async def track_again(request: _AnyRequest, data: JSONBody[OfSession]) -> Response[ParcelStatus]:
    """Until the session ends."""
    return Response(await status_of(request, data.session), headers=_NO_STORE)


async def status_of(request: _AnyRequest, token: str) -> ParcelStatus:
    """Return where a session's parcel stands. Raises SeraiError `buyer-session-ended`."""
    at = await provided(request, Buyers).at_parcel(token)
    return view_status(at, provided(request, Settings).administration.name, language_of(request))


ROUTES = [track_parcel, track_again]
