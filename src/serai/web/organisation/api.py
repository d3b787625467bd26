"""HTTP for registering an organisation, and for the people of parties as administrators see them."""

import datetime as dt
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.access import registry
from serai.foundation.access.actor import MemberRole
from serai.foundation.access.members import organisations
from serai.foundation.access.members.store import MemberRow
from serai.foundation.administration import own_party_id
from serai.foundation.http.guards import client_network
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of
from serai.foundation.id_text import format_id, parse_id
from serai.model.code_lists import COUNTRY_CODES
from serai.model.errors import SeraiError
from serai.web.administering_api import PLAIN_TEXT, AnyRequest, acting_user_of, problem
from serai.web.organisation.registering import Registering

_Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=PLAIN_TEXT)]
_NO_PARTY = problem("There is no such party")
_UNFIT = problem("This is no e-mail address")


class NewRegistration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation that registers itself as a seller. country_code: where it is; email: of who will be its
    first manager."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
    country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    email: _Email


class RegistrationTaken(msgspec.Struct, frozen=True):
    """That a message is on its way, if the address can be used here. link_hours: how long its link is
    good."""

    email: str
    link_hours: int


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person to be invited to a party."""

    email: _Email
    member_role: MemberRole


class PersonOut(msgspec.Struct, frozen=True):
    """A person of a party. name: to sign in with, an e-mail address."""

    account: str
    name: str
    member_role: MemberRole
    added_at: dt.datetime


class PeopleOut(msgspec.Struct, frozen=True):
    """The people of a party, without those who have left."""

    people: list[PersonOut]


class InvitationTaken(msgspec.Struct, frozen=True):
    """That a message is on its way, if the address can be used here."""

    party: str
    email: str
    member_role: MemberRole


@post(
    "/v1/registrations",
    opt={"act": "registration.ask"},
    status_code=202,
    summary="Register an organisation; a link goes to its e-mail address.",
    responses={
        403: problem("Organisations do not register themselves here"),
        422: _UNFIT,
        429: problem("Too many messages were asked for"),
    },
)
async def register(request: AnyRequest, data: JSONBody[NewRegistration]) -> RegistrationTaken:
    """The answer is the same whether the address has an account or not. Whoever follows the link chooses a
    password and is the first manager of the organisation; whether an administrator admits it first is a
    setting (`registration.sellers`)."""
    if data.country_code not in COUNTRY_CODES:
        raise SeraiError("country-unknown", "There is no such country.", "Give a code of ISO 3166-1.")
    registering = provided(request, Registering)
    await registering.ask(
        name=data.name,
        country_code=data.country_code,
        email=data.email,
        network=client_network(request),
        language=language_of(request),
    )
    return RegistrationTaken(data.email, registering.node.settings.registration.link_hours)


@get(
    "/v1/parties/{party:str}/people",
    opt={"act": "parties.manage"},
    summary="The people of a party.",
    responses={404: _NO_PARTY},
)
async def read_party_people(request: AnyRequest, party: FromPath[str]) -> PeopleOut:
    """They act with the party's roles, or fewer, and never with one of the administration's."""
    return await _people(request, parse_id(party))


@post(
    "/v1/parties/{party:str}/people",
    opt={"act": "parties.manage"},
    status_code=202,
    summary="Invite a person to a party; a link goes to the e-mail address.",
    responses={
        202: ResponseSpec(InvitationTaken, description="A message is on its way", generate_examples=False),
        404: _NO_PARTY,
        409: problem("This person belongs to it already, or it has too many people"),
        422: _UNFIT,
        429: problem("Too many messages were asked for"),
    },
)
async def invite_person(
    request: AnyRequest, party: FromPath[str], data: JSONBody[NewPerson]
) -> Response[InvitationTaken]:
    """The first manager of a party that is registered already comes in so. Managers invite the others."""
    by, party_id = acting_user_of(request), parse_id(party)
    registering = provided(request, Registering)
    if party_id == own_party_id(by.administration_id):
        raise SeraiError(
            "party-has-power",
            "The administration's own people have accounts of the administration.",
            "Add the account with `serai account add`.",
        )
    async with registering.node.database.write() as connection:
        await registry.find_party(connection, by.administration_id, party_id)
    await registering.count_invitation(by, data.email, client_network(request))
    async with registering.node.database.write() as connection:
        await registering.invite(
            connection,
            by,
            party_id=party_id,
            email=data.email,
            member_role=data.member_role,
            language=language_of(request),
        )
    out = InvitationTaken(format_id(party_id), data.email, data.member_role)
    return Response(out, status_code=202, headers={"location": f"/v1/parties/{out.party}/people"})


@delete(
    "/v1/parties/{party:str}/people/{account:str}",
    opt={"act": "parties.manage"},
    status_code=200,
    summary="End the account of a person of a party.",
    responses={404: problem("The party, or this person of it, is not there")},
)
async def end_person(request: AnyRequest, party: FromPath[str], account: FromPath[str]) -> PeopleOut:
    """What that person has filed stays the party's."""
    by, party_id = acting_user_of(request), parse_id(party)
    async with provided(request, Registering).node.database.write() as connection:
        await registry.find_party(connection, by.administration_id, party_id)
        await organisations.end_member(
            connection, by, party_id=party_id, account_id=parse_id(account), keeps_a_manager=False
        )
    return await _people(request, party_id)


ROUTES = [register, read_party_people, invite_person, end_person]


async def _people(request: AnyRequest, party_id: int) -> PeopleOut:
    administration_id = acting_user_of(request).administration_id
    # Accounts are closed to readers.
    async with provided(request, Registering).node.database.write() as connection:
        await registry.find_party(connection, administration_id, party_id)
        found = await organisations.list_members(connection, administration_id, party_id)
    return PeopleOut([_person(one) for one in found])


def _person(one: MemberRow) -> PersonOut:
    return PersonOut(format_id(one.account_id), one.sign_in_name, MemberRole(one.member_role), one.created_at)
