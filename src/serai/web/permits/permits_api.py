"""HTTP for permits: an agency issues and revokes its own, others bring signed ones, goods are written off."""

import datetime as dt
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.access.actor import ADMINISTRATION, Actor, Role
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.permits.presenting import PermitPresented, PresentedPermit, present_permit
from serai.journey.documents.submission import sender_of
from serai.journey.permits import store
from serai.journey.permits.permit import HolderKind, Permit, PermitSource
from serai.journey.permits.registering import bring_permit, issue_permit, revoke_permit
from serai.journey.permits.wording import PermitNumber, PermitTerms
from serai.model.documents import Reference
from serai.model.errors import SeraiError
from serai.model.money import MICRO_PLACES, format_minor
from serai.web.administering_api import After, AnyRequest, Limit, acting_user_of, problem, reader_of

_Signed = Annotated[str, Meta(min_length=20, max_length=1 << 19)]


class BroughtPermit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A permit as its agency signed it: a JSON Web Signature in compact form (EdDSA, Ed25519). Its content is
    own JSON (typ `permit+json`) or a UN/CEFACT SPS certificate (typ `spscertificate+xml`)."""

    signed: _Signed


class PermitOut(msgspec.Struct, frozen=True, kw_only=True):
    """A permit and what is left of it.

    permit_id: its number here; number: the agency's. agency: the party. source: how it came. holder: the
    party that it is for, where it is for one. quantity, drawn_quantity, left_quantity: decimal in
    quantity_unit_code; value and so on: in currency_code; absent: no limit. is_in_force: something may be
    written off now.
    """

    permit_id: str
    agency: str
    number: str
    type_code: str
    source: PermitSource
    holder_kind: HolderKind
    holder: str | None
    commodity_codes: list[str]
    goods_kind_codes: list[str]
    territory_codes: list[str]
    quantity_unit_code: str | None
    quantity: str | None
    drawn_quantity: str | None
    left_quantity: str | None
    currency_code: str | None
    value: str | None
    drawn_value: str | None
    left_value: str | None
    is_in_force: bool
    valid_from: dt.datetime
    valid_to: dt.datetime
    registered_at: dt.datetime
    revoked_at: dt.datetime | None


class PermitPage(msgspec.Struct, frozen=True):
    """A page of permits, in the order in which they were registered."""

    permits: list[PermitOut]
    next_after: str | None


class PermitDrawOut(msgspec.Struct, frozen=True):
    """What was written off of a permit, or given back (negative). is_return: because goods went back. goods:
    a mark of the consignment, the same for the same: whose it is an agency does not see."""

    goods: str
    goods_item: int
    quantity: str | None
    value: str | None
    is_return: bool
    drawn_at: dt.datetime


class PermitWithDraws(msgspec.Struct, frozen=True):
    """A permit and what was written off of it, oldest first, 1,000 at most."""

    permit: PermitOut
    draws: list[PermitDrawOut]


class NamedPermit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A permit for goods of a case.

    reference: the sender's own. goods_item: its sequence number. document_code: as which document, as the
    decision asks for it (C400, N851). number: of a registered permit; signed: the permit as its agency signed
    it: one of the two. consignment: of which declaration, where the case has several. identity_number: of the
    person who holds the permit, where it is a person's.
    """

    reference: Reference
    goods_item: Annotated[int, Meta(ge=1, le=9_999)]
    document_code: Annotated[str, Meta(min_length=1, max_length=35, pattern=r"^[A-Za-z0-9-]+$")]
    number: PermitNumber | None = None
    signed: _Signed | None = None
    consignment: Annotated[str, Meta(min_length=1, max_length=35)] | None = None
    identity_number: Annotated[str, Meta(min_length=4, max_length=35)] | None = None


@post(
    "/v1/permits",
    opt={"act": "permits.issue"},
    summary="Issue a permit.",
    responses={
        200: ResponseSpec(PermitOut, description="It is there already", generate_examples=False),
        409: problem("Another permit has this number"),
        422: problem("This is no permit"),
    },
)
async def post_permit(request: AnyRequest, data: JSONBody[PermitTerms]) -> Response[PermitOut]:
    """For agencies. Nothing of it is changed later: revoke it and issue another. The same again changes
    nothing."""
    node, by, actor = provided(request, Node), acting_user_of(request), actor_of(request)
    assert actor.party_id is not None, "agencies are parties"
    async with node.database.write() as connection:
        permit, is_new = await issue_permit(
            connection, by, actor.party_id, data, node.processor.services.pseudonymiser
        )
    return Response(permit_out(permit, by.at), status_code=201 if is_new else 200)


@post(
    "/v1/permits/signed",
    opt={"act": "permits.bring"},
    summary="Bring a permit that an agency has signed.",
    responses={
        200: ResponseSpec(PermitOut, description="It is there already", generate_examples=False),
        409: problem("Another permit has this number"),
        422: problem("No key of an agency here has signed it, or it is no permit"),
    },
)
async def post_signed_permit(request: AnyRequest, data: JSONBody[BroughtPermit]) -> Response[PermitOut]:
    """Whoever brings it: the signature tells whose it is. An agency brings its own alone. The same again
    changes nothing."""
    node, by, actor = provided(request, Node), acting_user_of(request), actor_of(request)
    async with node.database.write() as connection:
        permit, is_new = await bring_permit(
            connection,
            by,
            data.signed,
            node.processor.services.pseudonymiser,
            administration_code=node.settings.administration.code,
            agency_id=actor.party_id if actor.roles == {Role.AGENCY} else None,
        )
    return Response(permit_out(permit, by.at), status_code=201 if is_new else 200)


@get("/v1/permits", opt={"act": "permits.read"}, summary="Permits, and what is left of each.")
async def read_permits(request: AnyRequest, limit: Limit = 100, after: After = None) -> PermitPage:
    """An agency reads those that it has issued, a party those that it holds, the administration all."""
    actor, node, administration_id = reader_of(request)
    async with node.database.read(administration_id) as connection:
        found = await store.select_permits(
            connection,
            **whose_permits(actor),
            after_id=0 if after is None else parse_id(after),
            limit=limit + 1,
            administration_id=administration_id,
        )
    at = node.clock.now()
    next_after = format_id(found[limit - 1].permit_id) if len(found) > limit else None
    return PermitPage([permit_out(one, at) for one in found[:limit]], next_after)


@get(
    "/v1/permits/{number:str}",
    opt={"act": "permits.issue"},
    summary="One of your agency's permits, and what was written off of it.",
    responses={404: problem("Your agency has no such permit")},
)
async def read_permit(request: AnyRequest, number: FromPath[str]) -> PermitWithDraws:
    """Another agency's permit is answered as one that does not exist."""
    actor, node, administration_id = reader_of(request)
    return await permit_with_draws(node, actor, number, administration_id)


@post(
    "/v1/permits/{number:str}/revocation",
    opt={"act": "permits.issue"},
    status_code=200,
    summary="Revoke a permit: nothing more is written off of it.",
    responses={404: problem("Your agency has no such permit")},
)
async def post_permit_revocation(request: AnyRequest, number: FromPath[str]) -> PermitOut:
    """Goods that are released stay so. Again changes nothing."""
    by, actor = acting_user_of(request), actor_of(request)
    async with provided(request, Node).database.write() as connection:
        return permit_out(await revoke_permit(connection, by, actor.party_id or 0, number), by.at)


@post(
    "/v1/cases/{case_id:str}/permits",
    opt={"act": "permits.present"},
    status_code=200,
    summary="Name a permit for goods of a case after they were declared.",
    responses={
        404: problem("You have no part in such a case"),
        409: problem("The goods are released, or the permit does not cover them"),
        422: problem("This is no permit"),
    },
)
async def post_case_permit(
    request: AnyRequest, case_id: FromPath[str], data: JSONBody[NamedPermit]
) -> PermitPresented:
    """It is written off and the case is decided again at once. What does not cover the goods changes nothing,
    but for one that has too little left: it is kept for others beside it. The same again changes nothing."""
    node = provided(request, Node)
    named = PresentedPermit(
        reference=data.reference,
        goods_item=data.goods_item,
        document_code=data.document_code,
        number=data.number,
        signed=data.signed,
        consignment_id=None if data.consignment is None else parse_id(data.consignment),
        identity_number=data.identity_number,
    )
    return await present_permit(
        node.processor,
        sender_of(actor_of(request)),
        parse_id(case_id),
        named,
        administration_code=node.settings.administration.code,
    )


ROUTES = [
    post_permit,
    post_signed_permit,
    read_permits,
    read_permit,
    post_permit_revocation,
    post_case_permit,
]


def whose_permits(actor: Actor) -> dict[str, int | None]:
    """Return whose permits somebody reads: those that an agency has issued, or that a party holds."""
    if actor.roles & ADMINISTRATION:
        return {"agency_id": None, "holder_id": None}
    own = actor.party_id or 0
    if Role.AGENCY in actor.roles:
        return {"agency_id": own, "holder_id": None}
    return {"agency_id": None, "holder_id": own}


async def permit_with_draws(node: Node, actor: Actor, number: str, administration_id: int) -> PermitWithDraws:
    """Return a permit of the actor's own agency. Raises SeraiError `not-found`."""
    async with node.database.read(administration_id) as connection:
        found = await store.select_permit(
            connection, actor.party_id or 0, number, administration_id=administration_id
        )
        if found is None:
            raise SeraiError(
                "not-found", "Your agency has no such permit.", "Read GET /v1/permits for those that it has."
            )
        draws = await store.select_draws_of_permit(
            connection, found.permit_id, after_id=0, limit=1_000, administration_id=administration_id
        )
    return PermitWithDraws(
        permit_out(found, node.clock.now()),
        [
            PermitDrawOut(
                format_id(one.consignment_id),
                one.sequence_number,
                _quantity(one.quantity_micro, found),
                _value(one.value_minor, found),
                one.is_return,
                one.drawn_at,
            )
            for one in draws
        ],
    )


def permit_out(one: Permit, at: dt.datetime) -> PermitOut:
    """Return a permit as it is answered."""
    quantity, value = one.quantity_micro, one.value_minor
    return PermitOut(
        permit_id=format_id(one.permit_id),
        agency=format_id(one.party_id),
        number=one.number,
        type_code=one.type_code,
        source=one.source,
        holder_kind=one.holder_kind,
        holder=None if one.holder_party_id is None else format_id(one.holder_party_id),
        commodity_codes=[*one.commodity_codes],
        goods_kind_codes=[*one.goods_kind_codes],
        territory_codes=[*one.territory_codes],
        quantity_unit_code=one.quantity_unit_code,
        quantity=None if quantity is None else _decimal(quantity),
        drawn_quantity=_quantity(one.drawn_quantity_micro, one),
        left_quantity=None if quantity is None else _decimal(quantity - one.drawn_quantity_micro),
        currency_code=one.currency_code,
        value=None if value is None else _value(value, one),
        drawn_value=_value(one.drawn_value_minor, one),
        left_value=None if value is None else _value(value - one.drawn_value_minor, one),
        is_in_force=one.is_in_force(at),
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        registered_at=one.registered_at,
        revoked_at=one.revoked_at,
    )


def _quantity(micro: int, permit: Permit) -> str | None:
    return None if permit.quantity_unit_code is None else _decimal(micro)


def _value(minor: int, permit: Permit) -> str | None:
    return None if permit.currency_code is None else format_minor(minor, permit.currency_code)


def _decimal(micro: int) -> str:
    whole, rest = divmod(abs(micro), 10**MICRO_PLACES)
    text = f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if micro < 0 else text
