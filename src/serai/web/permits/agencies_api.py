"""HTTP for administrators: which agency keeps the permits of which rules, and by which keys it is known."""

import datetime as dt
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.access.actor import Role
from serai.foundation.http.provided import provided
from serai.foundation.id_text import format_id
from serai.journey.permits import store
from serai.journey.permits.agencies import AgencyKeyTerms, end_remit, register_key, register_remit, revoke_key
from serai.journey.permits.opening import opening_rules
from serai.journey.permits.store import AgencyKey, Remit
from serai.web.administering_api import (
    AnyRequest,
    acting_user_of,
    party_named,
    problem,
    reader_of,
)


class NewRemit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agency keeps the permits that a rule asks for. party: the agency, with the role `agency`. rule_id:
    of a rule on restricted goods, as laws and decisions name it."""

    party: Annotated[str, Meta(min_length=1, max_length=35)]
    rule_id: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class RemitOut(msgspec.Struct, frozen=True):
    """A rule whose permits an agency keeps: a document that is only named opens it no more."""

    rule_id: str
    party: str
    agency: str
    registered_at: dt.datetime


class NewAgencyKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key by which permits of an agency are believed.

    party: the agency. kid: the key's name, once for ever. public_key: of Ed25519, base64url without padding,
    as `x` of a JSON Web Key. certificate_valid_days: how long SPS certificates that it signs are good, which
    do not say so; not said: none is taken. valid_from: now, if not said. valid_to: not said: open.
    """

    party: Annotated[str, Meta(min_length=1, max_length=35)]
    kid: Annotated[str, Meta(min_length=1, max_length=160, pattern=r"^[A-Za-z0-9._~-]+$")]
    public_key: Annotated[str, Meta(min_length=43, max_length=44)]
    certificate_valid_days: Annotated[int, Meta(ge=1, le=3_650)] | None = None
    valid_from: Annotated[dt.datetime, Meta(tz=True)] | None = None
    valid_to: Annotated[dt.datetime, Meta(tz=True)] | None = None


class AgencyKeyOut(msgspec.Struct, frozen=True):
    """A key by which permits of an agency are believed. is_in_force: what it signs is believed now."""

    kid: str
    party: str
    certificate_valid_days: int | None
    is_in_force: bool
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    registered_at: dt.datetime
    revoked_at: dt.datetime | None


class Agencies(msgspec.Struct, frozen=True):
    """Which agencies keep the permits of which rules, and by which keys they are believed."""

    remits: list[RemitOut]
    keys: list[AgencyKeyOut]


@get("/v1/agencies", opt={"act": "agencies.read"}, summary="Which agency keeps the permits of which rules.")
async def read_agencies(request: AnyRequest) -> Agencies:
    """An agency reads its own; everybody else all: whom to ask for a permit is no secret."""
    actor, node, administration_id = reader_of(request)
    own = actor.party_id if actor.roles == {Role.AGENCY} else None
    async with node.database.read(administration_id) as connection:
        remits = await store.select_remits(connection, administration_id=administration_id, party_id=own)
        keys = await store.select_keys(connection, own, administration_id=administration_id)
    at = node.clock.now()
    return Agencies([_remit_out(one) for one in remits], [_key_out(one, at) for one in keys])


@post(
    "/v1/agencies/remits",
    opt={"act": "agencies.manage"},
    summary="Let an agency keep the permits that a rule asks for.",
    responses={409: problem("Another agency keeps them"), 422: problem("There is no such agency or rule")},
)
async def post_remit(request: AnyRequest, data: JSONBody[NewRemit]) -> Response[RemitOut]:
    """From now on only a permit of this agency opens the rule, and what it covers is written off. Again
    changes nothing."""
    node, by = provided(request, Node), acting_user_of(request)
    rules = opening_rules(node.processor.law.book)
    known = frozenset(rule.rule_id for its in rules.values() for rule in its)
    async with node.database.write() as connection:
        remit, is_new = await register_remit(
            connection, by, party_id=party_named(data.party), rule_id=data.rule_id, known_rules=known
        )
    return Response(_remit_out(remit), status_code=201 if is_new else 200)


@post(
    "/v1/agencies/remits/{rule_id:str}/end",
    opt={"act": "agencies.manage"},
    status_code=204,
    summary="Let no agency keep the permits of a rule any more.",
    responses={404: problem("No agency keeps them")},
)
async def post_remit_end(request: AnyRequest, rule_id: FromPath[str]) -> None:
    """A document that is named opens the rule again; what was written off stays so."""
    by = acting_user_of(request)
    async with provided(request, Node).database.write() as connection:
        await end_remit(connection, by, rule_id)


@post(
    "/v1/agencies/keys",
    opt={"act": "agencies.manage"},
    summary="Register a key by which permits of an agency are believed.",
    responses={409: problem("Another key has this name"), 422: problem("There is no such agency, or no key")},
)
async def post_agency_key(request: AnyRequest, data: JSONBody[NewAgencyKey]) -> Response[AgencyKeyOut]:
    """Nothing of it is changed later. The same again changes nothing."""
    node, by = provided(request, Node), acting_user_of(request)
    terms = AgencyKeyTerms(
        party_named(data.party),
        data.kid,
        data.public_key,
        data.valid_from,
        data.valid_to,
        data.certificate_valid_days,
    )
    async with node.database.write() as connection:
        key, is_new = await register_key(connection, by, terms)
    return Response(_key_out(key, by.at), status_code=201 if is_new else 200)


@post(
    "/v1/agencies/keys/{kid:str}/revocation",
    opt={"act": "agencies.manage"},
    status_code=200,
    summary="Believe nothing more that a key of an agency signs.",
    responses={404: problem("There is no such key")},
)
async def post_agency_key_revocation(request: AnyRequest, kid: FromPath[str]) -> AgencyKeyOut:
    """Permits that were brought before stay: revoke those one by one. Again changes nothing."""
    by = acting_user_of(request)
    async with provided(request, Node).database.write() as connection:
        return _key_out(await revoke_key(connection, by, kid), by.at)


ROUTES = [read_agencies, post_remit, post_remit_end, post_agency_key, post_agency_key_revocation]


def _remit_out(one: Remit) -> RemitOut:
    return RemitOut(one.rule_id, format_id(one.party_id), one.name, one.registered_at)


def _key_out(one: AgencyKey, at: dt.datetime) -> AgencyKeyOut:
    return AgencyKeyOut(
        one.kid,
        format_id(one.party_id),
        one.certificate_valid_days,
        one.is_in_force(at),
        one.valid_from,
        one.valid_to,
        one.registered_at,
        one.revoked_at,
    )
