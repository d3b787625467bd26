"""The page of an organisation for its own people: who they are, what they may, which keys there are."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.access import registry
from serai.foundation.access.actor import MemberRole
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.members import organisations
from serai.foundation.access.members.links import open_said
from serai.foundation.access.members.store import MemberRow, OrganisationRow
from serai.foundation.access.store import ListedKeyRow
from serai.foundation.http.guards import client_network
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.model.errors import SeraiError
from serai.web.organisation.fault_words import faults_of, faults_of_error
from serai.web.organisation.keys import KEY_SCOPES, make_own_key, revoke_own_key
from serai.web.organisation.registering import Registering

_Request = Request[Any, Any, Any]
_READ: Final = {"act": "account.use"}
_MANAGE: Final = {"act": "organisation.manage"}
_TEXT_LENGTH_MAX: Final = 70
_FAULTY: Final = 422


class Invited(msgspec.Struct, frozen=True):
    """An invitation that can still be accepted."""

    link: str
    email: str
    member_role: str


class Made(msgspec.Struct, frozen=True):
    """A key at the moment of its making, the only one at which its text is known."""

    reference: str
    text: str


class OrganisationView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. manages: whether the reader may change anything; own: the reader's account;
    number: as the record names the organisation; faults: by field, with what was typed."""

    number: str
    organisation: OrganisationRow
    people: list[MemberRow]
    invited: list[Invited]
    keys: list[ListedKeyRow]
    manages: bool
    own: int
    at: Any
    made: Made | None = None
    email: str = ""
    reference: str = ""
    faults: dict[str, str] = {}
    said: str = ""


@get("/organisation", opt=_READ, include_in_schema=False)
async def show_organisation(request: _Request) -> Response[str]:
    """Show the organisation of whoever is signed in, if they have one."""
    return await _page(request)


@post("/organisation/people", opt=_MANAGE, include_in_schema=False, status_code=200)
async def invite(request: _Request) -> Response[str]:
    """Write to an address; the answer is the same whether it has an account elsewhere or not."""
    form = await request.form()
    email = str(form.get("email", "")).strip()
    registering, by = provided(request, Registering), acting(request)
    try:
        member_role = _read_member_role(str(form.get("member_role", "")))
        await registering.count_invitation(by, email, client_network(request))
        async with registering.node.database.write() as connection:
            await registering.invite(
                connection,
                by,
                party_id=party_id_of(request),
                email=email,
                member_role=member_role,
                language=language_of(request),
            )
    except SeraiError as error:
        faults = faults_of_error(request, error)
        return await _page(request, email=email[:254], faults=faults, status=_FAULTY)
    return await _page(request, said="invited")


@post("/organisation/people/{account:str}", opt=_MANAGE, include_in_schema=False, status_code=303)
async def change_person(request: _Request, account: FromPath[str]) -> Response[Any]:
    """Let a person do more or less, or end the account."""
    form = await request.form()
    by, party_id, account_id = acting(request), party_id_of(request), parse_id(account)
    try:
        async with provided(request, Registering).node.database.write() as connection:
            if "end" in form:
                await organisations.end_member(
                    connection, by, party_id=party_id, account_id=account_id, keeps_a_manager=True
                )
            else:
                await organisations.change_member_role(
                    connection,
                    by,
                    party_id=party_id,
                    account_id=account_id,
                    member_role=_read_member_role(str(form.get("member_role", ""))),
                )
    except SeraiError as error:
        return await _page(request, faults=faults_of_error(request, error), status=_FAULTY)
    return _back()


@post("/organisation/invitations/{link:str}", opt=_MANAGE, include_in_schema=False, status_code=303)
async def end_invitation(request: _Request, link: FromPath[str]) -> Response[None]:
    """Take an invitation back."""
    async with provided(request, Registering).node.database.write() as connection:
        await organisations.end_invitation(
            connection, acting(request), party_id=party_id_of(request), link_id=parse_id(link)
        )
    return _back()


@post("/organisation/keys", opt=_MANAGE, include_in_schema=False, status_code=200)
async def make_key(request: _Request) -> Response[str]:
    """Make a key and show its text, once: a form that is sent twice makes no second one."""
    form = await request.form()
    reference = " ".join(str(form.get("reference", "")).split())[:_TEXT_LENGTH_MAX]
    scopes = [one for one in KEY_SCOPES if one in form.getall("scopes", [])]
    wrong = [
        *(["reference"] if not reference.isprintable() or not reference else []),
        *(["scopes"] if not scopes else []),
    ]
    if wrong:
        faults = faults_of(request, *wrong)
        return await _page(request, reference=reference, faults=faults, status=_FAULTY)
    try:
        async with provided(request, Registering).node.database.write() as connection:
            text = await make_own_key(
                connection, acting(request), party_id=party_id_of(request), reference=reference, scopes=scopes
            )
    except SeraiError as error:
        faults = faults_of_error(request, error)
        return await _page(request, reference=reference, faults=faults, status=_FAULTY)
    return await _page(request, made=Made(reference, text))


@post("/organisation/keys/{key:str}/revocation", opt=_MANAGE, include_in_schema=False, status_code=303)
async def revoke_key(request: _Request, key: FromPath[str]) -> Response[None]:
    """Revoke a key of one's own organisation."""
    key_id = registry.read_key_name(key)
    async with provided(request, Registering).node.database.write() as connection:
        await revoke_own_key(connection, acting(request), party_id=party_id_of(request), key_id=key_id)
    kit_of(request).keys.forget(key_id)
    return _back()


ROUTES = [show_organisation, invite, change_person, end_invitation, make_key, revoke_key]


def _back() -> Response[None]:
    return Response(None, status_code=303, headers={"location": "/organisation"})


def acting(request: _Request) -> ActingUser:
    """Return by whose hand something of an organisation is done now."""
    actor = actor_of(request)
    assert actor.credential_id is not None, "whoever manages is known"
    return provided(request, Registering).acting(actor.credential_id, actor.person)


def party_id_of(request: _Request) -> int:
    """Return whose person asks. Raises SeraiError `not-found` for the administration's own people."""
    actor = actor_of(request)
    if actor.member_role is None or actor.party_id is None:
        raise SeraiError(
            "not-found",
            "You belong to no organisation here, but to the administration.",
            "Parties are looked after under Administration.",
        )
    return actor.party_id


def _read_member_role(text: str) -> MemberRole:
    try:
        return MemberRole(text)
    except ValueError as fault:
        raise SeraiError(
            "input-faulty", "There is no such part in an organisation.", "Choose manager, member or reader."
        ) from fault


async def _page(
    request: _Request,
    *,
    made: Made | None = None,
    email: str = "",
    reference: str = "",
    faults: dict[str, str] | None = None,
    said: str = "",
    status: int = 200,
) -> Response[str]:
    registering, by, party_id = provided(request, Registering), acting(request), party_id_of(request)
    manages = actor_of(request).member_role is MemberRole.MANAGER
    administration_id = by.administration_id
    async with registering.node.database.write() as connection:
        organisation = await organisations.find_organisation(connection, by, party_id)
        people = await organisations.list_members(connection, administration_id, party_id)
        links = await organisations.list_invitations(connection, by, party_id) if manages else []
        keys = await registry.list_keys(connection, administration_id, party_id) if manages else []
    invited = []
    for link in links:
        told = open_said(registering.seal, link)
        invited.append(Invited(format_id(link.link_id), told.email, told.member_role))
    view = OrganisationView(
        number=format_id(party_id),
        organisation=organisation,
        people=people,
        invited=invited,
        keys=keys,
        manages=manages and bool(organisation.roles),
        own=int((by.actor or "").partition(":")[2]),
        at=by.at,
        made=made,
        email=email,
        reference=reference,
        faults=faults or {},
        said=said,
    )
    more = {"scopes": KEY_SCOPES, "format_id": format_id, "key_name": registry.key_name}
    return page(request, view, "portal/organisation.html", status=status, more=more)
