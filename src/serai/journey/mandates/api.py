"""HTTP for mandates: one party lets another send documents and act in its name."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, Problem
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.mandates.rules import Act, DocumentKind, Representation, Status, status_of
from serai.journey.mandates.service import Mandates, Terms
from serai.journey.mandates.store import Mandate

_AnyRequest = Request[Any, Any, Any]
_Reference = Annotated[str, Meta(min_length=1, max_length=70, pattern=r"^[\x21-\x7e]+$")]
_Limit = Annotated[int, QueryParameter(ge=1, le=1_000, description="Most mandates of a page.")]
_After = Annotated[str | None, QueryParameter(description="`next_after` of the page before.")]


class NewMandate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mandate to be granted by whoever sends it.

    reference: your own, so that asking again grants no second one. grantee_identifier: an identifier under
    which the other party is registered. document_kinds: what it may send in your name: `order`, `payment`,
    `transport-document`, `arrival`, `return`; `declaration`: once you have named anybody who may declare for
    you, your documents count in no other declarant's cases. acts: `payment-record`. accounts: which of your
    accounts it may use. has_custody: it may take over goods that you hold, and then it alone says by events
    where they are, until the mandate ends or it hands them on. representation_code: `direct` in your name,
    `indirect` in its own on your behalf (UCC, article 18). valid_from: now, if not said. valid_to: from when
    it no longer counts; not said: until you revoke it.
    """

    reference: _Reference
    grantee_identifier: Annotated[str, Meta(min_length=1, max_length=70)]
    document_kinds: Annotated[list[DocumentKind], Meta(max_length=6)] = []
    acts: Annotated[list[Act], Meta(max_length=1)] = []
    accounts: Annotated[list[Annotated[str, Meta(min_length=1, max_length=70)]], Meta(max_length=100)] = []
    has_custody: bool = False
    representation_code: Representation = "direct"
    valid_from: Annotated[dt.datetime, Meta(tz=True)] | None = None
    valid_to: Annotated[dt.datetime, Meta(tz=True)] | None = None


class PartyName(msgspec.Struct, frozen=True):
    """A party of a mandate."""

    party: str
    name: str


class MandateOut(msgspec.Struct, frozen=True):
    """A mandate. status: how it stands now."""

    mandate_id: str
    status: Status
    grantor: PartyName
    grantee: PartyName
    reference: str
    document_kinds: list[DocumentKind]
    acts: list[Act]
    accounts: list[str]
    has_custody: bool
    representation_code: Representation
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    granted_at: dt.datetime
    revoked_at: dt.datetime | None


class MandatePage(msgspec.Struct, frozen=True):
    """A page of mandates, in the order they were granted."""

    mandates: list[MandateOut]
    next_after: str | None


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        Problem, description=description, media_type=PROBLEM_MEDIA_TYPE, generate_examples=False
    )


@post(
    "/v1/mandates",
    opt={"act": "mandates.grant"},
    summary="Grant a mandate to another party.",
    responses={
        200: ResponseSpec(MandateOut, description="It is there already", generate_examples=False),
        409: _problem("The reference was used for another mandate"),
        422: _problem("Nobody is registered under the identifier, or the mandate covers nothing"),
    },
)
async def grant_mandate(request: _AnyRequest, data: JSONBody[NewMandate]) -> Response[MandateOut]:
    """What the other party has sent already and waits for it counts when the answer comes."""
    terms = msgspec.convert(msgspec.structs.asdict(data), Terms)
    mandate, is_new = await provided(request, Mandates).grant(_party_of(request), terms)
    out = _out(request, mandate)
    location = f"/v1/mandates/{out.mandate_id}"
    return Response(out, status_code=201 if is_new else 200, headers={"location": location})


@get(
    "/v1/mandates",
    opt={"act": "mandates.read"},
    summary="The mandates you have granted and were granted.",
)
async def list_mandates(request: _AnyRequest, limit: _Limit = 100, after: _After = None) -> MandatePage:
    """Those that have ended or were revoked, too."""
    found = await provided(request, Mandates).list_of(
        _party_of(request), after_id=0 if after is None else parse_id(after), limit=limit + 1
    )
    shown = [_out(request, one) for one in found[:limit]]
    return MandatePage(shown, shown[-1].mandate_id if len(found) > limit else None)


@get(
    "/v1/mandates/{mandate_id:str}",
    opt={"act": "mandates.read"},
    summary="One mandate, for its two parties.",
    responses={404: _problem("You have no such mandate")},
)
async def read_mandate(request: _AnyRequest, mandate_id: FromPath[str]) -> MandateOut:
    """Another's mandate is answered as one that does not exist."""
    return _out(request, await provided(request, Mandates).read(_party_of(request), parse_id(mandate_id)))


@post(
    "/v1/mandates/{mandate_id:str}/revocation",
    opt={"act": "mandates.grant"},
    status_code=200,
    summary="Revoke a mandate you have granted, from now on.",
    responses={
        403: _problem("It was granted to you, not by you"),
        404: _problem("You have no such mandate"),
    },
)
async def revoke_mandate(request: _AnyRequest, mandate_id: FromPath[str]) -> MandateOut:
    """What counted by it before goes on counting. Again changes nothing."""
    return _out(request, await provided(request, Mandates).revoke(_party_of(request), parse_id(mandate_id)))


ROUTES = [grant_mandate, list_mandates, read_mandate, revoke_mandate]


def _party_of(request: _AnyRequest) -> int:
    party_id = actor_of(request).party_id
    assert party_id is not None, "the guard lets nobody in without a party"
    return party_id


def _out(request: _AnyRequest, mandate: Mandate) -> MandateOut:
    plain = msgspec.structs.asdict(mandate) | {
        "mandate_id": format_id(mandate.mandate_id),
        "status": status_of(mandate, provided(request, Mandates).clock.now()),
        "grantor": PartyName(format_id(mandate.grantor_id), mandate.grantor_name),
        "grantee": PartyName(format_id(mandate.grantee_id), mandate.grantee_name),
    }
    return msgspec.convert({name: plain[name] for name in MandateOut.__struct_fields__}, MandateOut)
