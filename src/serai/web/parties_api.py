"""HTTP for the registry of parties: add them, give and take roles and identifiers, make and revoke keys."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.access import registry
from serai.foundation.access.store import IdentifierRow, ListedKeyRow, ProposalRow, RegisteredRow
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of
from serai.foundation.id_text import format_id, parse_id
from serai.web.access_to_approve import PartyToAdd
from serai.web.administering_api import PLAIN_TEXT, After, AnyRequest, Limit, acting_user_of, problem
from serai.web.administration import party_acts
from serai.web.administration.party_acts import KeyMade, KeyWanted
from serai.web.approvals_api import WAITS, ProposalOut, answer_proposal, proposal_out

_Reference = Annotated[str, Meta(min_length=1, max_length=70, pattern=PLAIN_TEXT)]
_NO_PARTY = problem("There is no such party")


class NewParty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A party to be added. reference: your own, so that asking again makes no second party."""

    reference: _Reference
    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
    roles: Annotated[list[str], Meta(min_length=1, max_length=20)]


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to be made. reference: your own name for it; expires_at: from when it is refused.

    person: who uses it, where it is for one person, by name or number: as with the account of that person.
    jwk: a public key (RFC 7517), for a machine that signs assertions (RFC 7523) instead of showing a text.
    """

    reference: _Reference
    scopes: Annotated[list[str], Meta(min_length=1, max_length=20)]
    expires_at: Annotated[dt.datetime, Meta(tz=True)] | None = None
    person: Annotated[str, Meta(min_length=1, max_length=70, pattern=PLAIN_TEXT)] | None = None
    jwk: dict[str, str] | None = None


class PartyOut(msgspec.Struct, frozen=True):
    """A party and the roles it has now."""

    party: str
    reference: str | None
    name: str
    roles: list[str]
    added_at: dt.datetime
    ended_at: dt.datetime | None


class PartyPage(msgspec.Struct, frozen=True):
    """A page of parties, in the order of their numbers."""

    parties: list[PartyOut]
    next_after: str | None


class NewIdentifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An identifier under which others name a party on their documents: EORI, platform or carrier number."""

    identifier: Annotated[str, Meta(min_length=1, max_length=70, pattern=r"^[\x21-\x2e\x30-\x7e]+$")]


class IdentifierOut(msgspec.Struct, frozen=True):
    """An identifier of a party."""

    identifier: str
    party: str
    added_at: dt.datetime


class IdentifiersOut(msgspec.Struct, frozen=True):
    """The identifiers of a party."""

    identifiers: list[IdentifierOut]


class KeyOut(msgspec.Struct, frozen=True):
    """A key, without its text. key: what stands between the first and the second underline of that."""

    key: str
    reference: str | None
    person: str | None
    scopes: list[str]
    made_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None


class MadeKey(msgspec.Struct, frozen=True):
    """A key at the moment of its making. text: shown now and kept nowhere; empty for a machine that signs."""

    key: str
    text: str
    party: str
    reference: str
    scopes: list[str]
    expires_at: dt.datetime | None


class WaitingKey(msgspec.Struct, frozen=True):
    """A key that waits for a second person. text: shown now and kept nowhere; it opens nothing until then."""

    key: str
    text: str
    proposal: ProposalOut


class KeysOut(msgspec.Struct, frozen=True):
    """The keys of a party, revoked and expired ones, too."""

    keys: list[KeyOut]


@get(
    "/v1/parties",
    opt={"act": "parties.manage"},
    summary="The parties and their roles.",
)
async def read_parties(request: AnyRequest, limit: Limit = 100, after: After = None) -> PartyPage:
    """Those that have ended, too."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        found = await registry.list_parties(
            connection, administration_id, after_id=0 if after is None else parse_id(after), limit=limit + 1
        )
    parties = [_party(one) for one in found[:limit]]
    return PartyPage(parties, parties[-1].party if len(found) > limit else None)


@post(
    "/v1/parties",
    opt={"act": "parties.manage"},
    summary="Add a party with its roles.",
    responses={
        200: ResponseSpec(PartyOut, description="It is there already", generate_examples=False),
        201: ResponseSpec(PartyOut, description="It was added", generate_examples=False),
        202: WAITS,
        400: problem("A role is unknown, or the request cannot be read"),
        409: problem("The reference was used for another party"),
    },
)
async def add_party(request: AnyRequest, data: JSONBody[NewParty]) -> Response[Any]:
    """The same reference, name and roles again find the same party: 200 instead of 201."""
    wanted = PartyToAdd(data.reference, data.name, data.roles)
    node, by = provided(request, Node), acting_user_of(request)
    party, is_new, proposal = await party_acts.add_party(node, by, wanted)
    if proposal is not None:
        return answer_proposal(proposal)
    out = _party(party)
    return Response(out, status_code=201 if is_new else 200, headers={"location": f"/v1/parties/{out.party}"})


@get(
    "/v1/parties/{party:str}",
    opt={"act": "parties.manage"},
    summary="One party and its roles.",
    responses={404: _NO_PARTY},
)
async def read_party(request: AnyRequest, party: FromPath[str]) -> PartyOut:
    """By its number, as it was answered when it was added."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        return _party(await registry.find_party(connection, administration_id, parse_id(party)))


@put(
    "/v1/parties/{party:str}/roles/{role:str}",
    opt={"act": "parties.manage"},
    summary="Give a party a role.",
    responses={
        200: ResponseSpec(PartyOut, description="It has the role", generate_examples=False),
        202: WAITS,
        400: problem("There is no such role"),
        404: _NO_PARTY,
    },
)
async def give_role(request: AnyRequest, party: FromPath[str], role: FromPath[str]) -> Response[Any]:
    """Its keys have it within a second. Again changes nothing."""
    node, by = provided(request, Node), acting_user_of(request)
    found, proposal = await party_acts.give_role(node, by, parse_id(party), role)
    if proposal is not None:
        return answer_proposal(proposal)
    return Response(_party(found))


@delete(
    "/v1/parties/{party:str}/roles/{role:str}",
    opt={"act": "parties.manage"},
    status_code=200,
    summary="Take a role from a party.",
    responses={404: _NO_PARTY},
)
async def take_role(request: AnyRequest, party: FromPath[str], role: FromPath[str]) -> PartyOut:
    """Its keys lose it within a second. Again changes nothing."""
    acting_user, party_id = acting_user_of(request), parse_id(party)
    async with provided(request, Node).database.write() as connection:
        await registry.take_role(connection, acting_user, party_id=party_id, role=role)
        return _party(await registry.find_party(connection, acting_user.administration_id, party_id))


@get(
    "/v1/parties/{party:str}/identifiers",
    opt={"act": "parties.manage"},
    summary="The identifiers under which others name a party.",
    responses={404: _NO_PARTY},
)
async def read_identifiers(request: AnyRequest, party: FromPath[str]) -> IdentifiersOut:
    """Platform, seller, carrier, payment provider: as declarations, orders and waybills write them."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        found = await registry.list_identifiers(connection, administration_id, parse_id(party))
    return IdentifiersOut([_identifier(one) for one in found])


@post(
    "/v1/parties/{party:str}/identifiers",
    opt={"act": "parties.manage"},
    summary="Register an identifier of a party.",
    responses={
        200: ResponseSpec(IdentifierOut, description="The party has it already", generate_examples=False),
        404: _NO_PARTY,
        409: problem("Another party has it"),
    },
)
async def add_identifier(
    request: AnyRequest, party: FromPath[str], data: JSONBody[NewIdentifier]
) -> Response[IdentifierOut]:
    """A document that names it lets the party's own documents count in the same case, from then on."""
    acting_user, party_id = acting_user_of(request), parse_id(party)
    async with provided(request, Node).database.write() as connection:
        found, is_new = await registry.add_identifier(
            connection, acting_user, party_id=party_id, identifier=data.identifier
        )
    out = _identifier(found)
    location = f"/v1/parties/{out.party}/identifiers"
    return Response(out, status_code=201 if is_new else 200, headers={"location": location})


@delete(
    "/v1/parties/{party:str}/identifiers/{identifier:str}",
    opt={"act": "parties.manage"},
    status_code=200,
    summary="Take an identifier from a party.",
    responses={404: _NO_PARTY},
)
async def remove_identifier(
    request: AnyRequest, party: FromPath[str], identifier: FromPath[str]
) -> IdentifiersOut:
    """What it let in before stays; from now on it stands for nobody. Again changes nothing."""
    acting_user, party_id = acting_user_of(request), parse_id(party)
    async with provided(request, Node).database.write() as connection:
        await registry.remove_identifier(connection, acting_user, party_id=party_id, identifier=identifier)
        found = await registry.list_identifiers(connection, acting_user.administration_id, party_id)
    return IdentifiersOut([_identifier(one) for one in found])


@get(
    "/v1/parties/{party:str}/keys",
    opt={"act": "parties.manage"},
    summary="The keys of a party, without their texts.",
    responses={404: _NO_PARTY},
)
async def read_keys_of_party(request: AnyRequest, party: FromPath[str]) -> KeysOut:
    """Revoked and expired ones, too."""
    acting_user, party_id = acting_user_of(request), parse_id(party)
    # Keys are closed to readers, so that nothing that only reads can come near their hashes.
    async with provided(request, Node).database.write() as connection:
        await registry.find_party(connection, acting_user.administration_id, party_id)
        keys = await registry.list_keys(connection, acting_user.administration_id, party_id)
    return KeysOut([_key(one) for one in keys])


@post(
    "/v1/parties/{party:str}/keys",
    opt={"act": "parties.manage"},
    summary="Make a key for a party. Its text is in this answer and nowhere else.",
    responses={
        201: ResponseSpec(MadeKey, description="The key", generate_examples=False),
        202: ResponseSpec(
            WaitingKey,
            description="It waits for a second person, as the settings ask",
            generate_examples=False,
        ),
        400: problem("A scope is unknown, or the request cannot be read"),
        404: _NO_PARTY,
        409: problem("The party has a key of this reference"),
    },
)
async def make_key(request: AnyRequest, party: FromPath[str], data: JSONBody[NewKey]) -> Response[Any]:
    """Asked again with the same reference it makes no second key: 409. Where the answer was lost, revoke that
    key and make another.
    """
    party_id = parse_id(party)
    wanted = KeyWanted(party_id, data.reference, data.scopes, data.expires_at, data.person, data.jwk)
    made = await party_acts.make_key(provided(request, Node), acting_user_of(request), wanted)
    if made.proposal is not None:
        return _answer_waiting_key(made, made.proposal)
    out = MadeKey(
        registry.key_name(made.key_id),
        made.text,
        format_id(party_id),
        data.reference,
        sorted(set(data.scopes)),
        data.expires_at,
    )
    return Response(out, headers={"cache-control": "no-store"})


@delete(
    "/v1/parties/{party:str}/keys/{key:str}",
    opt={"act": "parties.manage"},
    status_code=200,
    summary="Revoke a key of a party.",
    responses={404: problem("The party, or this key of it, is not there")},
)
async def revoke_key(request: AnyRequest, party: FromPath[str], key: FromPath[str]) -> KeyOut:
    """This process refuses it from now on, the others within a second. Again changes nothing."""
    acting_user, party_id, key_id = acting_user_of(request), parse_id(party), registry.read_key_name(key)
    async with provided(request, Node).database.write() as connection:
        await registry.revoke_key(connection, acting_user, key_id=key_id, party_id=party_id)
        keys = await registry.list_keys(connection, acting_user.administration_id, party_id)
    kit_of(request).keys.forget(key_id)
    return next(_key(one) for one in keys if one.key_id == key_id)


ROUTES = [
    read_parties, add_party, read_party, give_role, take_role, read_identifiers, add_identifier,
    remove_identifier, read_keys_of_party, make_key, revoke_key,
]  # fmt: skip


def _answer_waiting_key(made: KeyMade, proposal: ProposalRow) -> Response[WaitingKey]:
    out = WaitingKey(registry.key_name(made.key_id), made.text, proposal_out(proposal))
    headers = {"cache-control": "no-store", "location": f"/v1/proposals/{out.proposal.proposal}"}
    return Response(out, status_code=202, headers=headers)


def _party(one: RegisteredRow) -> PartyOut:
    return PartyOut(format_id(one.party_id), one.reference, one.name, one.roles, one.created_at, one.ended_at)


def _identifier(one: IdentifierRow) -> IdentifierOut:
    return IdentifierOut(one.identifier, format_id(one.party_id), one.added_at)


def _key(one: ListedKeyRow) -> KeyOut:
    return KeyOut(
        registry.key_name(one.key_id),
        one.reference,
        one.person,
        one.scopes,
        one.created_at,
        one.expires_at,
        one.revoked_at,
    )
