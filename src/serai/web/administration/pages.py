"""Pages of administrators: the home, and parties with their roles, identifiers and keys."""

import re
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.app import Node
from serai.foundation.access import registry
from serai.foundation.access.actor import Role
from serai.foundation.access.store import IdentifierRow, ListedKeyRow, RegisteredRow
from serai.foundation.access.table import SCOPES, may
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.journey.assessment.store import LAW_FILE, select_components, select_generation
from serai.model.errors import SeraiError
from serai.web.access_to_approve import PartyToAdd
from serai.web.administering_api import LIMIT_MAX, acting_user_of
from serai.web.administration import party_acts
from serai.web.administration.faults import faults_of, faults_of_error
from serai.web.administration.party_acts import KeyMade, KeyWanted

_Request = Request[Any, Any, Any]
_MANAGE: Final = {"act": "parties.manage"}
_FAULTY: Final = 422
_ACTS: Final = (
    "accounts.manage", "parties.manage", "offices.manage", "administering.read", "settings.read",
)  # fmt: skip
_ROLES: Final = tuple(sorted(set(Role) - {Role.PUBLIC}))
_IDENTIFIER: Final = re.compile(r"[\x21-\x2e\x30-\x7e]{1,70}")


class HomeView(msgspec.Struct, frozen=True):
    """What is in force: codes of packs, and lists by kind and name."""

    packs: list[str]
    lists: list[tuple[str, str]]


class PartiesView(msgspec.Struct, frozen=True):
    """What the page of parties shows. form: what was typed; is_waiting: what was asked for waits."""

    parties: list[RegisteredRow]
    faults: dict[str, str]
    form: dict[str, str]
    roles: list[str]
    is_waiting: bool


class PartyView(msgspec.Struct, frozen=True):
    """What the page of a party shows. made: a key at the moment of its making."""

    number: str
    party: RegisteredRow
    identifiers: list[IdentifierRow]
    keys: list[ListedKeyRow]
    at: datetime
    faults: dict[str, str]
    form: dict[str, str]
    made: KeyMade | None
    is_waiting: bool


@get("/administration", opt={"act": "administering.read"}, include_in_schema=False)
async def show_home(request: _Request) -> Response[str]:
    """Show where administrators work, and what is in force."""
    by = acting_user_of(request)
    async with provided(request, Node).database.read(by.administration_id) as connection:
        _, hashes = await select_generation(connection, administration_id=by.administration_id) or (0, [])
        found = await select_components(connection, hashes)
    packs = sorted({one.name.partition("/")[0] for one in found if one.kind == LAW_FILE})
    view = HomeView(packs, sorted((one.kind, one.name) for one in found if one.kind != LAW_FILE))
    acts = [one for one in _ACTS if may(actor_of(request), one)]
    return page(request, view, "portal/administration/home.html", more={"acts": acts})


@get("/administration/parties", opt=_MANAGE, include_in_schema=False)
async def show_parties(request: _Request) -> Response[str]:
    """Show the parties."""
    return await _parties(request)


@post("/administration/parties", opt=_MANAGE, include_in_schema=False, status_code=303)
async def add_party(request: _Request) -> Response[Any]:
    """Add a party; a form that is sent twice finds the one that is there."""
    form = await request.form()
    reference, name = _line(form.get("reference"), 70), _line(form.get("name"), 200)
    roles = [str(one) for one in _ROLES if one in form.getall("roles", [])]
    typed = {"reference": reference, "name": name}
    wrong = [key for key, given in (*typed.items(), ("roles", roles)) if not given]
    if wrong:
        return await _parties(request, faults_of(request, *wrong), typed, roles)
    try:
        party, _, proposal = await party_acts.add_party(
            provided(request, Node), acting_user_of(request), PartyToAdd(reference, name, roles)
        )
    except SeraiError as error:
        return await _parties(request, faults_of_error(request, error), typed, roles)
    if proposal is not None:
        return await _parties(request, is_waiting=True)
    return _to(party.party_id)


@get("/administration/parties/{party:str}", opt=_MANAGE, include_in_schema=False)
async def show_party(request: _Request, party: FromPath[str]) -> Response[str]:
    """Show a party, its roles, identifiers and keys."""
    return await _party(request, parse_id(party))


@post("/administration/parties/{party:str}/roles", opt=_MANAGE, include_in_schema=False, status_code=303)
async def change_role(request: _Request, party: FromPath[str]) -> Response[Any]:
    """Give a party a role, or take one."""
    form, party_id = await request.form(), parse_id(party)
    node, by, role = provided(request, Node), acting_user_of(request), _line(form.get("role"), 40)
    if "take" in form:
        async with node.database.write() as connection:
            await registry.take_role(connection, by, party_id=party_id, role=role)
        return _to(party_id)
    _, proposal = await party_acts.give_role(node, by, party_id, role)
    return _to(party_id) if proposal is None else await _party(request, party_id, is_waiting=True)


@post(
    "/administration/parties/{party:str}/identifiers", opt=_MANAGE, include_in_schema=False, status_code=303
)
async def change_identifier(request: _Request, party: FromPath[str]) -> Response[Any]:
    """Let a party be named by an identifier, or no more."""
    form, party_id = await request.form(), parse_id(party)
    node, by, identifier = provided(request, Node), acting_user_of(request), _line(form.get("identifier"), 71)
    if not _IDENTIFIER.fullmatch(identifier):
        return await _party(request, party_id, faults_of(request, "identifier"), {"identifier": identifier})
    change = registry.remove_identifier if "take" in form else registry.add_identifier
    try:
        async with node.database.write() as connection:
            await change(connection, by, party_id=party_id, identifier=identifier)
    except SeraiError as error:
        return await _party(request, party_id, faults_of_error(request, error), {"identifier": identifier})
    return _to(party_id)


@post("/administration/parties/{party:str}/keys", opt=_MANAGE, include_in_schema=False, status_code=200)
async def make_key(request: _Request, party: FromPath[str]) -> Response[Any]:
    """Make a key and show its text, once: a form that is sent twice makes no second one."""
    form, party_id = await request.form(), parse_id(party)
    reference = _line(form.get("reference"), 70)
    scopes = [one for one in SCOPES if one in form.getall("scopes", [])]
    wrong = [key for key, given in (("reference", reference), ("scopes", scopes)) if not given]
    if wrong:
        return await _party(request, party_id, faults_of(request, *wrong), {"reference": reference})
    try:
        made = await party_acts.make_key(
            provided(request, Node), acting_user_of(request), KeyWanted(party_id, reference, scopes)
        )
    except SeraiError as error:
        return await _party(request, party_id, faults_of_error(request, error), {"reference": reference})
    return await _party(request, party_id, made=made, is_waiting=made.proposal is not None)


@post(
    "/administration/parties/{party:str}/keys/{key:str}/revocation",
    opt=_MANAGE,
    include_in_schema=False,
    status_code=303,
)
async def revoke_key(request: _Request, party: FromPath[str], key: FromPath[str]) -> Response[None]:
    """Revoke a key; again is harmless."""
    party_id, key_id = parse_id(party), registry.read_key_name(key)
    async with provided(request, Node).database.write() as connection:
        await registry.revoke_key(connection, acting_user_of(request), key_id=key_id, party_id=party_id)
    kit_of(request).keys.forget(key_id)
    return _to(party_id)


ROUTES = [
    show_home, show_parties, add_party, show_party, change_role, change_identifier, make_key, revoke_key,
]  # fmt: skip


def _line(given: object, length_max: int) -> str:
    """Return what was typed as one line; what no line can hold is none."""
    text = " ".join(str(given or "").split())
    return text[:length_max] if text.isprintable() else ""


def _to(party_id: int) -> Response[None]:
    location = f"/administration/parties/{format_id(party_id)}"
    return Response(None, status_code=303, headers={"location": location})


async def _parties(
    request: _Request,
    faults: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    roles: list[str] | None = None,
    *,
    is_waiting: bool = False,
) -> Response[str]:
    by = acting_user_of(request)
    async with provided(request, Node).database.read(by.administration_id) as connection:
        found = await registry.list_parties(connection, by.administration_id, after_id=0, limit=LIMIT_MAX)
    view = PartiesView(found, faults or {}, form or {}, roles or [], is_waiting)
    more = {"roles": _ROLES, "format_id": format_id}
    template = "portal/administration/parties.html"
    return page(request, view, template, status=_FAULTY if faults else 200, more=more)


async def _party(
    request: _Request,
    party_id: int,
    faults: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    *,
    made: KeyMade | None = None,
    is_waiting: bool = False,
) -> Response[str]:
    by = acting_user_of(request)
    # Keys are closed to readers.
    async with provided(request, Node).database.write() as connection:
        party = await registry.find_party(connection, by.administration_id, party_id)
        identifiers = await registry.list_identifiers(connection, by.administration_id, party_id)
        keys = await registry.list_keys(connection, by.administration_id, party_id)
    view = PartyView(
        format_id(party_id), party, identifiers, keys, by.at, faults or {}, form or {}, made, is_waiting
    )
    more = {"roles": _ROLES, "scopes": tuple(SCOPES), "key_name": registry.key_name}
    template = "portal/administration/party.html"
    return page(request, view, template, status=_FAULTY if faults else 200, more=more)
