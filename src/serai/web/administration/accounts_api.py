"""HTTP for accounts of the administration's people: make them, say what they may, lock and unlock them."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.access import people
from serai.foundation.access.store import AccountRow, OpeningsRow, ProposalRow
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of
from serai.foundation.id_text import format_id, parse_id
from serai.web.administering_api import PLAIN_TEXT, AnyRequest, acting_user_of, problem
from serai.web.administration import account_acts
from serai.web.administration.account_acts import Shown
from serai.web.approvals_api import WAITS, ProposalOut, answer_proposal, proposal_out

_OPT = {"act": "accounts.manage"}
_UNKNOWN = problem("There is no such account, or it has ended")
_REFUSED = problem("It is your own account, or the last that may administer")
_Name = Annotated[str, Meta(min_length=1, max_length=70, pattern=PLAIN_TEXT)]
_Roles = Annotated[list[str], Meta(min_length=1, max_length=10)]


class NewAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account to be made. person: whose it is, by name or number; None: of whoever has this sign-in
    name."""

    sign_in_name: _Name
    roles: _Roles
    person: _Name | None = None


class AccountRoles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The roles that an account has from now on, and no others."""

    roles: _Roles


class AccountOut(msgspec.Struct, frozen=True):
    """An account. sessions_count: where it is signed in now; used_at: when it was last, as far as known."""

    account: str
    sign_in_name: str
    person: str
    roles: list[str]
    made_at: dt.datetime
    locked_at: dt.datetime | None
    ended_at: dt.datetime | None
    has_second_factor: bool
    has_passkey: bool
    sessions_count: int
    used_at: dt.datetime | None


class AccountsOut(msgspec.Struct, frozen=True):
    """The accounts of the administration's people, those that have ended, too."""

    accounts: list[AccountOut]


class MadePassword(msgspec.Struct, frozen=True, omit_defaults=True):
    """A password, shown now and kept nowhere. proposal: until a second person approves it, it opens
    nothing."""

    sign_in_name: str
    password: str
    proposal: ProposalOut | None = None


class NewLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a provider calls the person."""

    subject: Annotated[str, Meta(min_length=1, max_length=255, pattern=PLAIN_TEXT)]


class IdentityOut(msgspec.Struct, frozen=True):
    """A subject of an issuer that may sign in as the account."""

    issuer: str
    subject: str
    linked_at: dt.datetime


class IdentitiesOut(msgspec.Struct, frozen=True):
    """One entry for each provider."""

    identities: list[IdentityOut]


_MADE = {
    201: ResponseSpec(MadePassword, description="It is made", generate_examples=False),
    202: ResponseSpec(MadePassword, description="It waits for a second person", generate_examples=False),
}


@get("/v1/accounts", opt=_OPT, summary="The accounts of the administration's people.")
async def read_accounts(request: AnyRequest) -> AccountsOut:
    """Those that have ended, too. People of parties are managed by their own organisations."""
    return AccountsOut([_account(*one) for one in await list_all(request)])


@post(
    "/v1/accounts",
    opt=_OPT,
    summary="Make an account. Its first password is in this answer and nowhere else.",
    responses={
        **_MADE,
        400: problem("A role is unknown, or the request cannot be read"),
        409: problem("There is such an account"),
    },
)
async def make_account(request: AnyRequest, data: JSONBody[NewAccount]) -> Response[Any]:
    """Give the password to its person by another way than the name; they change it on the page of their
    account. The same name again makes no second account: 409."""
    shown = await account_acts.add(
        provided(request, Node),
        acting_user_of(request),
        sign_in_name=data.sign_in_name,
        roles=data.roles,
        person=data.person,
    )
    return _answer_shown(shown)


@get("/v1/accounts/{account:str}", opt=_OPT, summary="One account.", responses={404: _UNKNOWN})
async def read_account(request: AnyRequest, account: FromPath[str]) -> AccountOut:
    """By its number, as the list has it."""
    return await _read(request, account)


@put(
    "/v1/accounts/{account:str}/roles",
    opt=_OPT,
    summary="Give an account these roles and no others; its sessions end.",
    responses={
        200: ResponseSpec(AccountOut, description="It has them", generate_examples=False),
        202: WAITS,
        400: problem("There is no such role"),
        404: _UNKNOWN,
        409: _REFUSED,
    },
)
async def give_account_roles(
    request: AnyRequest, account: FromPath[str], data: JSONBody[AccountRoles]
) -> Response[Any]:
    """Nobody changes their own."""
    node, by, found = await _asked(request, account)
    return await _answer(request, account, await account_acts.give_roles(node, by, found, data.roles))


@post(
    "/v1/accounts/{account:str}/password",
    opt=_OPT,
    summary="Give an account another password, shown once; its sessions end.",
    responses={**_MADE, 404: _UNKNOWN, 409: _REFUSED},
)
async def give_account_password(request: AnyRequest, account: FromPath[str]) -> Response[Any]:
    """For whoever has forgotten it. One's own is changed on the page of one's account."""
    node, by, found = await _asked(request, account)
    return _answer_shown(await account_acts.give_password(node, by, found))


@put(
    "/v1/accounts/{account:str}/lock",
    opt=_OPT,
    status_code=200,
    summary="Lock an account: nobody signs in with it, its sessions end at once.",
    responses={404: _UNKNOWN, 409: _REFUSED},
)
async def lock_account(request: AnyRequest, account: FromPath[str]) -> AccountOut:
    """Again changes nothing. It needs no second person."""
    node, by, found = await _asked(request, account)
    await account_acts.lock(node, by, found)
    return await _read(request, account)


@delete(
    "/v1/accounts/{account:str}/lock",
    opt=_OPT,
    status_code=200,
    summary="Unlock an account, also one whose name had too many tries.",
    responses={
        200: ResponseSpec(AccountOut, description="It may sign in", generate_examples=False),
        202: WAITS,
        404: _UNKNOWN,
        409: _REFUSED,
    },
)
async def unlock_account(request: AnyRequest, account: FromPath[str]) -> Response[Any]:
    """Again changes nothing."""
    node, by, found = await _asked(request, account)
    return await _answer(request, account, await account_acts.unlock(node, by, found))


@delete(
    "/v1/accounts/{account:str}/second-factor",
    opt=_OPT,
    status_code=200,
    summary="Let an account set its authenticator app up anew; passkeys and sessions end.",
    responses={
        200: ResponseSpec(AccountOut, description="It is asked at the next sign-in", generate_examples=False),
        202: WAITS,
        404: _UNKNOWN,
        409: _REFUSED,
    },
)
async def reset_second_factor(request: AnyRequest, account: FromPath[str]) -> Response[Any]:
    """After a lost telephone, say."""
    node, by, found = await _asked(request, account)
    return await _answer(request, account, await account_acts.forget_second_factor(node, by, found))


@delete(
    "/v1/accounts/{account:str}/sessions",
    opt=_OPT,
    status_code=200,
    summary="Sign an account out everywhere.",
    responses={404: _UNKNOWN},
)
async def end_account_sessions(request: AnyRequest, account: FromPath[str]) -> AccountOut:
    """One's own, too. Again changes nothing."""
    node, by, found = await _asked(request, account)
    await account_acts.end_sessions(node, by, found)
    return await _read(request, account)


@delete(
    "/v1/accounts/{account:str}",
    opt=_OPT,
    status_code=200,
    summary="End an account for good: its password, links and sessions are refused at once.",
    responses={404: _UNKNOWN, 409: _REFUSED},
)
async def end_account(request: AnyRequest, account: FromPath[str]) -> AccountOut:
    """What it did stays under its name; the name is never given again."""
    node, by, found = await _asked(request, account)
    await account_acts.end(node, by, found)
    return next(_account(*one) for one in await list_all(request) if one[0].account_id == found.account_id)


@get(
    "/v1/accounts/{account:str}/identities",
    opt=_OPT,
    summary="At which providers an account may sign in, beside here.",
    responses={404: _UNKNOWN},
)
async def read_identities_of_account(request: AnyRequest, account: FromPath[str]) -> IdentitiesOut:
    """Also of a person of a party."""
    node, by = provided(request, Node), acting_user_of(request)
    found = await account_acts.find_any(node, by, parse_id(account))
    return await _identities(request, found)


@put(
    "/v1/accounts/{account:str}/identities/{provider:str}",
    opt=_OPT,
    summary="Let a subject of a provider sign in as an account.",
    responses={
        200: ResponseSpec(IdentitiesOut, description="It may", generate_examples=False),
        202: WAITS,
        404: problem("There is no such account or provider"),
        409: problem("Another account is that subject, or it is your own account"),
    },
)
async def link_identity(
    request: AnyRequest, account: FromPath[str], provider: FromPath[str], data: JSONBody[NewLink]
) -> Response[Any]:
    """The subject is what the provider calls a person (`sub`); who is refused for want of a link is told
    theirs. Nothing else that a provider tells of a person links anything, no e-mail address either."""
    node, by = provided(request, Node), acting_user_of(request)
    found = await account_acts.find_any(node, by, parse_id(account))
    where = kit_of(request).oidc.find(provider)
    proposal = await account_acts.link_identity(node, by, found, where, data.subject)
    return answer_proposal(proposal) if proposal is not None else Response(await _identities(request, found))


@delete(
    "/v1/accounts/{account:str}/identities/{provider:str}",
    opt=_OPT,
    status_code=200,
    summary="Let nobody of a provider sign in as an account any more; its sessions end.",
    responses={404: problem("There is no such account or provider")},
)
async def part_identity(
    request: AnyRequest, account: FromPath[str], provider: FromPath[str]
) -> IdentitiesOut:
    """Again changes nothing."""
    node, by = provided(request, Node), acting_user_of(request)
    found = await account_acts.find_any(node, by, parse_id(account))
    await account_acts.part_identity(node, by, found, kit_of(request).oidc.find(provider))
    return await _identities(request, found)


ROUTES = [
    read_identities_of_account, link_identity, part_identity,
    read_accounts, make_account, read_account, give_account_roles, give_account_password, lock_account,
    unlock_account, reset_second_factor, end_account_sessions, end_account,
]  # fmt: skip


async def list_all(request: AnyRequest) -> list[tuple[AccountRow, OpeningsRow | None]]:
    """Return all accounts of the administration's people, with where they are signed in."""
    kit, by = kit_of(request), acting_user_of(request)
    async with provided(request, Node).database.write() as connection:
        rows = await people.list_accounts(connection, administration_id=by.administration_id)
        openings = await people.list_openings(
            connection, administration_id=by.administration_id, at=by.at, idles=kit.session_idles
        )
    return [(row, openings.get(row.account_id)) for row in rows]


async def _identities(request: AnyRequest, found: AccountRow) -> IdentitiesOut:
    rows = await account_acts.list_identities(provided(request, Node), acting_user_of(request), found)
    return IdentitiesOut([IdentityOut(one.issuer, one.subject, one.linked_at) for one in rows])


async def _asked(request: AnyRequest, account: str) -> tuple[Node, Any, AccountRow]:
    node, by = provided(request, Node), acting_user_of(request)
    return node, by, await account_acts.find(node, by, parse_id(account))


async def _read(request: AnyRequest, account: str) -> AccountOut:
    _, _, found = await _asked(request, account)
    return next(_account(*one) for one in await list_all(request) if one[0].account_id == found.account_id)


async def _answer(request: AnyRequest, account: str, proposal: ProposalRow | None) -> Response[Any]:
    return Response(await _read(request, account)) if proposal is None else answer_proposal(proposal)


def _answer_shown(shown: Shown) -> Response[MadePassword]:
    proposal = None if shown.proposal is None else proposal_out(shown.proposal)
    headers = {"cache-control": "no-store"}
    if proposal is not None:
        headers["location"] = f"/v1/proposals/{proposal.proposal}"
    out = MadePassword(shown.sign_in_name, shown.password, proposal)
    return Response(out, status_code=201 if proposal is None else 202, headers=headers)


def _account(row: AccountRow, openings: OpeningsRow | None) -> AccountOut:
    return AccountOut(
        account=format_id(row.account_id),
        sign_in_name=row.sign_in_name,
        person=row.person,
        roles=row.roles,
        made_at=row.created_at,
        locked_at=row.locked_at,
        ended_at=row.ended_at,
        has_second_factor=row.second_factor_step is not None,
        has_passkey=row.has_passkey,
        sessions_count=0 if openings is None else openings.open_count,
        used_at=None if openings is None else openings.used_at,
    )
