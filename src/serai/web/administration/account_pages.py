"""Pages of accounts: list, make, say what they may, lock and unlock, reset the second factor, sign out."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.app import Node
from serai.foundation.access.actor import ADMINISTRATION
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.oidc.providers import Provider
from serai.foundation.access.store import AccountRow, OpeningsRow
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.model.errors import SeraiError
from serai.web.administering_api import acting_user_of
from serai.web.administration import account_acts
from serai.web.administration.account_acts import Shown
from serai.web.administration.accounts_api import list_all
from serai.web.administration.faults import faults_of, faults_of_error

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "accounts.manage"}
_FAULTY: Final = 422
_ROLES: Final[tuple[str, ...]] = tuple(sorted(ADMINISTRATION))
_NAME_LENGTH_MAX: Final = 70
_SUBJECT_LENGTH_MAX: Final = 255


class AccountsView(msgspec.Struct, frozen=True):
    """What the page of accounts shows. made: a password at the moment of its making; form: what was typed."""

    accounts: list[tuple[AccountRow, OpeningsRow | None]]
    faults: dict[str, str]
    form: dict[str, str]
    roles: list[str]
    made: Shown | None


class AccountView(msgspec.Struct, frozen=True):
    """What the page of an account shows. is_own: of whoever looks. is_waiting: what was asked for waits.
    identities: providers, and which subject of each it is."""

    number: str
    account: AccountRow
    openings: OpeningsRow | None
    is_own: bool
    faults: dict[str, str]
    made: Shown | None
    is_waiting: bool
    identities: list[tuple[Provider, str | None]]


@get("/administration/accounts", opt=_OPT, include_in_schema=False)
async def show_accounts(request: _Request) -> Response[str]:
    """Show the accounts."""
    return await _accounts(request)


@post("/administration/accounts", opt=_OPT, include_in_schema=False, status_code=200)
async def add_account(request: _Request) -> Response[str]:
    """Make an account and show its first password, once."""
    form = await request.form()
    typed = {name: _line(form.get(name)) for name in ("sign_in_name", "person")}
    roles = [one for one in _ROLES if one in form.getall("roles", [])]
    wrong = [
        key for key, given in (("sign_in_name", typed["sign_in_name"]), ("account_roles", roles)) if not given
    ]
    if wrong:
        return await _accounts(request, faults_of(request, *wrong), typed, roles)
    try:
        made = await account_acts.add(
            provided(request, Node),
            acting_user_of(request),
            sign_in_name=typed["sign_in_name"],
            roles=roles,
            person=typed["person"] or None,
        )
    except SeraiError as error:
        return await _accounts(request, faults_of_error(request, error), typed, roles)
    return await _accounts(request, made=made)


@get("/administration/accounts/{account:str}", opt=_OPT, include_in_schema=False)
async def show_account(request: _Request, account: FromPath[str]) -> Response[str]:
    """Show an account."""
    return await _account(request, account)


@post("/administration/accounts/{account:str}/act", opt=_OPT, include_in_schema=False, status_code=303)
async def change_account(request: _Request, account: FromPath[str]) -> Response[Any]:
    """Do what the pressed button says: roles, password, second-factor, sessions, lock, unlock, end."""
    form = await request.form()
    node, by = provided(request, Node), acting_user_of(request)
    found = await account_acts.find(node, by, parse_id(account))
    what, roles = str(form.get("what", "")), [one for one in _ROLES if one in form.getall("roles", [])]
    subject = str(form.get("subject", "")).strip()
    is_fit = 0 < len(subject) <= _SUBJECT_LENGTH_MAX and subject.isprintable()
    wrong = {"roles": [] if roles else ["account_roles"], "link": [] if is_fit else ["subject"]}.get(what)
    if wrong:
        return await _account(request, account, faults_of(request, *wrong))
    try:
        if what in {"link", "part"}:
            provider = kit_of(request).oidc.find(str(form.get("provider", "")))
            return await _change_link(request, account, found, provider, subject if what == "link" else None)
        if what == "password":
            return await _account(request, account, made=await account_acts.give_password(node, by, found))
        waits = await _change(node, by, found, what, roles)
    except SeraiError as error:
        return await _account(request, account, faults_of_error(request, error))
    if waits:
        return await _account(request, account, is_waiting=True)
    ended = what == "end"
    location = "/administration/accounts" + ("" if ended else f"/{account}")
    return Response(None, status_code=303, headers={"location": location})


ROUTES = [show_accounts, add_account, show_account, change_account]


async def _change(node: Node, by: ActingUser, found: AccountRow, what: str, roles: list[str]) -> bool:
    """Return whether it waits for a second person."""
    match what:
        case "roles":
            return await account_acts.give_roles(node, by, found, roles) is not None
        case "second-factor":
            return await account_acts.forget_second_factor(node, by, found) is not None
        case "unlock":
            return await account_acts.unlock(node, by, found) is not None
        case "lock":
            await account_acts.lock(node, by, found)
        case "sessions":
            await account_acts.end_sessions(node, by, found)
        case "end":
            await account_acts.end(node, by, found)
        case _:
            raise SeraiError("input-faulty", "Nothing was asked for.", "Press a button of the page.")
    return False


async def _change_link(
    request: _Request, account: str, found: AccountRow, provider: Provider, subject: str | None
) -> Response[Any]:
    node, by = provided(request, Node), acting_user_of(request)
    if subject is None:
        await account_acts.part_identity(node, by, found, provider)
    elif await account_acts.link_identity(node, by, found, provider, subject) is not None:
        return await _account(request, account, is_waiting=True)
    location = f"/administration/accounts/{account}"
    return Response(None, status_code=303, headers={"location": location})


def _line(given: object) -> str:
    text = " ".join(str(given or "").split())
    return text if text.isprintable() and len(text) <= _NAME_LENGTH_MAX else ""


async def _accounts(
    request: _Request,
    faults: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    roles: list[str] | None = None,
    *,
    made: Shown | None = None,
) -> Response[str]:
    view = AccountsView(await list_all(request), faults or {}, form or {}, roles or [], made)
    return _page(request, view, "accounts", faults)


async def _account(
    request: _Request,
    account: str,
    faults: dict[str, str] | None = None,
    *,
    made: Shown | None = None,
    is_waiting: bool = False,
) -> Response[str]:
    by, number = acting_user_of(request), parse_id(account)
    found = await account_acts.find(provided(request, Node), by, number)
    openings = {row.account_id: one for row, one in await list_all(request)}
    is_own = by.actor == f"account:{number}" or by.person == found.person
    node = provided(request, Node)
    linked = {one.issuer: one.subject for one in await account_acts.list_identities(node, by, found)}
    view = AccountView(
        number=format_id(number),
        account=found,
        openings=openings.get(number),
        is_own=is_own,
        faults=faults or {},
        made=made,
        is_waiting=is_waiting,
        identities=[(one, linked.get(one.issuer)) for one in kit_of(request).providers],
    )
    return _page(request, view, "account", faults)


def _page(request: _Request, view: object, name: str, faults: dict[str, str] | None) -> Response[str]:
    more = {
        "roles": _ROLES,
        "format_id": format_id,
        "time_zone": provided(request, Node).settings.administration.time_zone,
    }
    template = f"portal/administration/{name}.html"
    return page(request, view, template, status=_FAULTY if faults else 200, more=more)
