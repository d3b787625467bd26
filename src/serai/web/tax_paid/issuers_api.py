"""HTTP for issuers of tax-paid tokens: register and revoke their keys, take their status lists."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.tax_paid.trust import store
from serai.journey.tax_paid.trust.service import KeyTerms, register_key, revoke_key, take_list
from serai.journey.tax_paid.trust.store import IssuerKey
from serai.web.access_to_approve import waits
from serai.web.administering_api import (
    PLAIN_TEXT,
    AnyRequest,
    acting_user_of,
    party_named,
    problem,
    whose_rows,
)
from serai.web.approvals_api import WAITS, answer_proposal
from serai.web.approved_actions import IssuerKeyToRegister, propose

_LIST_CHARACTERS_MAX = 1 << 20


class NewIssuerKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key by which tax-paid tokens are believed.

    issuer: the `iss` of the tokens that it signs; it signs for no other. kid: the key's name, once for ever.
    public_key: of Ed25519, base64url without padding, as `x` of a JSON Web Key. party: of the issuer, who
    sends its status lists; not said: the administration does. valid_from: now, if not said. valid_to: from
    when nothing that it signed is believed; not said: open.
    """

    issuer: Annotated[str, Meta(min_length=1, max_length=128, pattern=PLAIN_TEXT)]
    kid: Annotated[str, Meta(min_length=1, max_length=160, pattern=PLAIN_TEXT)]
    public_key: Annotated[str, Meta(min_length=43, max_length=44)]
    party: Annotated[str, Meta(min_length=1, max_length=35)] | None = None
    valid_from: Annotated[dt.datetime, Meta(tz=True)] | None = None
    valid_to: Annotated[dt.datetime, Meta(tz=True)] | None = None


class IssuerKeyOut(msgspec.Struct, frozen=True):
    """A key by which tokens are believed. key_id: its number. is_in_force: what it signs is believed now."""

    key_id: str
    issuer: str
    kid: str
    party: str | None
    is_in_force: bool
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    registered_at: dt.datetime
    revoked_at: dt.datetime | None


class IssuerKeys(msgspec.Struct, frozen=True):
    """All keys, in the order in which they were registered."""

    keys: list[IssuerKeyOut]


class NewStatusList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A status list as its issuer has signed it: a compact signature of `typ` `statuslist+jwt`."""

    status_list: Annotated[str, Meta(min_length=1, max_length=_LIST_CHARACTERS_MAX)]


class StatusListTaken(msgspec.Struct, frozen=True):
    """A status list that is kept. uri: the address that tokens name. statuses_count: of how many tokens.
    is_newer: it took the place of an older one, or is the first."""

    uri: str
    issued_at: dt.datetime
    statuses_count: int
    is_newer: bool


@post(
    "/v1/token-issuers",
    opt={"act": "token_issuers.manage"},
    summary="Believe a key by which an issuer signs tax-paid tokens.",
    responses={
        200: ResponseSpec(IssuerKeyOut, description="It is there already", generate_examples=False),
        202: WAITS,
        409: problem("Another key has this name"),
        422: problem("There is no such party, or this is no key"),
    },
)
async def post_issuer_key(request: AnyRequest, data: JSONBody[NewIssuerKey]) -> Response[Any]:
    """Compare the key with what its issuer says by another way before you register it. Nothing of it is
    changed later: it is revoked, and another registered."""
    node, by = provided(request, Node), acting_user_of(request)
    party_id = None if data.party is None else party_named(data.party)
    terms = KeyTerms(data.issuer, data.kid, data.public_key, party_id, data.valid_from, data.valid_to)
    is_proposed = waits(node.settings, "keys")
    async with node.database.write() as connection:
        # What is proposed is tried and undone: what could not be done is told at once.
        async with connection.transaction(force_rollback=is_proposed):
            key, is_new = await register_key(connection, by, terms)
        if is_proposed and is_new:
            proposal = await propose(
                connection,
                node.settings,
                by,
                IssuerKeyToRegister(terms),
                subject=f"key {data.kid}",
                detail=f"of {data.issuer}",
            )
            return answer_proposal(proposal)
    await node.processor.trust.refresh(node.database)
    return Response(_out(key, by.at), status_code=201 if is_new else 200)


@get(
    "/v1/token-issuers",
    opt={"act": "token_issuers.read"},
    summary="By which keys tax-paid tokens are believed here.",
)
async def read_issuer_keys(request: AnyRequest) -> IssuerKeys:
    """Those that have ended or were revoked, too."""
    node = provided(request, Node)
    async with node.database.read(node.administration_id) as connection:
        keys = await store.select_keys(connection, administration_id=node.administration_id)
    at = node.clock.now()
    return IssuerKeys([_out(one, at) for one in keys])


@post(
    "/v1/token-issuers/{issuer_key:str}/revocation",
    opt={"act": "token_issuers.manage"},
    status_code=200,
    summary="Believe a key no more: nothing that it has ever signed.",
    responses={404: problem("There is no such key")},
)
async def post_key_revocation(request: AnyRequest, issuer_key: FromPath[str]) -> IssuerKeys:
    """At once and for ever; again changes nothing. What was proven by its tokens before stays so."""
    node, by = provided(request, Node), acting_user_of(request)
    async with node.database.write() as connection:
        await revoke_key(connection, by, parse_id(issuer_key))
    await node.processor.trust.refresh(node.database)
    return await _keys(node)


@post(
    "/v1/status-lists",
    opt={"act": "status_lists.send"},
    status_code=200,
    summary="Send the newest status list of your tax-paid tokens.",
    responses={
        409: problem("A newer list is kept"),
        422: problem("It is no status list, or no key of yours has signed it"),
    },
)
async def post_status_list(request: AnyRequest, data: JSONBody[NewStatusList]) -> StatusListTaken:
    """Send it as often as it changes, and before it ends. Without it none of your tokens is believed. The
    same again changes nothing."""
    node, actor = provided(request, Node), actor_of(request)
    at = node.clock.now()
    async with node.database.write() as connection:
        taken, is_newer = await take_list(
            connection,
            data.status_list,
            party_id=whose_rows(actor),
            at=at,
            administration_id=node.administration_id,
            administration_code=node.settings.administration.code,
        )
    await node.processor.trust.refresh(node.database)
    issued_at = dt.datetime.fromtimestamp(taken.issued_at, dt.UTC)
    return StatusListTaken(taken.uri, issued_at, len(taken.statuses), is_newer)


ROUTES = [post_issuer_key, read_issuer_keys, post_key_revocation, post_status_list]


async def _keys(node: Node) -> IssuerKeys:
    async with node.database.write() as connection:
        keys = await store.select_keys(connection, administration_id=node.administration_id)
    at = node.clock.now()
    return IssuerKeys([_out(one, at) for one in keys])


def _out(one: IssuerKey, at: dt.datetime) -> IssuerKeyOut:
    return IssuerKeyOut(
        key_id=format_id(one.key_id),
        issuer=one.issuer,
        kid=one.kid,
        party=None if one.party_id is None else format_id(one.party_id),
        is_in_force=one.is_in_force(at),
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        registered_at=one.registered_at,
        revoked_at=one.revoked_at,
    )
