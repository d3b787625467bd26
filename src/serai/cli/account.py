"""`serai account`: who may sign in to the pages. Add, link, list; change password or roles; end."""

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Annotated

from cyclopts import Parameter
from psycopg import AsyncConnection

from serai.cli.node import Node, acting_user_of_operator, open_node
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.cli.proposal import print_waiting, propose_or_write
from serai.foundation.access import accounts, people
from serai.foundation.access.accounts import account_named
from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.passwords import check_password
from serai.foundation.access.sign_in import LINK_LASTS, make_link
from serai.foundation.access.store import AccountRow, ProposalRow
from serai.foundation.settings import ServerSettings
from serai.model.errors import SeraiError
from serai.web.access_to_approve import (
    AccountToAdd,
    PasswordToChange,
    RolesToChange,
    SecondFactorToForget,
    waits,
)

AdministrationOption = Annotated[
    str | None,
    Parameter(help="Code of the administration; without it the one that the settings name."),
]


def add(
    name: str,
    /,
    *,
    role: Annotated[
        list[str] | None,
        Parameter(
            help="A role of the account, by default officer; say it again for another one.", negative=""
        ),
    ] = None,
    person: Annotated[
        str | None,
        Parameter(help="Whose account it is, by name or number; without it the sign-in name says it."),
    ] = None,
    administration: AdministrationOption = None,
    output: OutputOption = None,
) -> int:
    """Add an account for the pages. Its password is asked for, unseen; without a terminal it is the first
    line of the standard input.

    Parameters
    ----------
    name
        The name to sign in with; capitals make no difference.
    """
    roles = sorted(set(role or ["officer"]))
    password = _read_password()
    check_password(password)
    account = asyncio.run(_add(name, password, roles, person, administration))
    if isinstance(account, ProposalRow):
        print_waiting(account, choose_output(output))
        return 0
    print_facts(_facts(account), choose_output(output))
    return 0


def link(name: str, /, *, administration: AdministrationOption = None, output: OutputOption = None) -> int:
    """Make a link that signs an account in once, within the hour. It is printed now and nowhere kept.

    Parameters
    ----------
    name
        The account's sign-in name.
    """
    address, expires_at = asyncio.run(_make_link(name, administration))
    print_facts(
        {"link": address, "account": people.sign_in_name_of(name), "expires": expires_at},
        choose_output(output),
    )
    return 0


def password(
    name: str, /, *, administration: AdministrationOption = None, output: OutputOption = None
) -> int:
    """Change an account's password. It is asked for as with `add`. Its open pages and links end at once.

    Parameters
    ----------
    name
        The account's sign-in name.
    """
    new = _read_password()
    check_password(new)
    ended = asyncio.run(_change_password(name, new, administration))
    if isinstance(ended, ProposalRow):
        print_waiting(ended, choose_output(output))
        return 0
    print_facts({"account": people.sign_in_name_of(name), "sessions_ended": ended}, choose_output(output))
    return 0


def roles(
    name: str,
    /,
    *,
    role: Annotated[
        list[str],
        Parameter(help="A role that the account has from now on; say it again for another one.", negative=""),
    ],
    administration: AdministrationOption = None,
    output: OutputOption = None,
) -> int:
    """Give an account these roles and no others. Its open pages and links end at once.

    Parameters
    ----------
    name
        The account's sign-in name.
    """
    changed = asyncio.run(_change_roles(name, frozenset(role), administration))
    if isinstance(changed, ProposalRow):
        print_waiting(changed, choose_output(output))
        return 0
    account, ended = changed
    print_facts({**_facts(account), "sessions_ended": ended}, choose_output(output))
    return 0


def second_factor(
    name: str,
    /,
    *,
    forget: Annotated[bool, Parameter(help="Forget the app of this account; it is asked for.", negative="")],
    administration: AdministrationOption = None,
    output: OutputOption = None,
) -> int:
    """Let an account set up another authenticator app at its next sign-in, after a lost phone, say. Its open
    pages and links end at once.

    Parameters
    ----------
    name
        The account's sign-in name.
    """
    if not forget:
        raise SeraiError("command-misused", "There is nothing else to do with it.", "Say --forget.")
    ended = asyncio.run(_forget_second_factor(name, administration))
    if isinstance(ended, ProposalRow):
        print_waiting(ended, choose_output(output))
        return 0
    print_facts({"account": people.sign_in_name_of(name), "sessions_ended": ended}, choose_output(output))
    return 0


def list_accounts(*, administration: AdministrationOption = None, output: OutputOption = None) -> int:
    """List the accounts for the pages, those that have ended, too."""
    rows = asyncio.run(_list(administration))
    print_rows(
        [_facts(row) for row in rows],
        choose_output(output),
        ("account", "person", "roles", "created", "ended"),
    )
    return 0


def end(name: str, /, *, administration: AdministrationOption = None, output: OutputOption = None) -> int:
    """End an account: its password, its links and its open pages are refused at once. Again is harmless.

    Parameters
    ----------
    name
        The account's sign-in name.
    """
    asyncio.run(_end(name, administration))
    print_facts({"ended": people.sign_in_name_of(name)}, choose_output(output))
    return 0


def _read_password() -> str:
    """Return what is typed at the prompt, or the first line of the standard input."""
    try:
        password = _ask_twice() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        # Python may have let bytes through that are no text.
        password.encode()
    except UnicodeError as fault:
        raise SeraiError(
            "password-unfit", "The password is not text in UTF-8.", "Send it in UTF-8, on one line."
        ) from fault
    return password


def _ask_twice() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise SeraiError("password-differs", "The two passwords differ.", "Type it twice, the same.")
    return password


@asynccontextmanager
async def _at(code: str | None) -> AsyncIterator[tuple[Node, AsyncConnection, ActingUser]]:
    """Give the node, a transaction, and the operator's hand in the administration with this code."""
    async with open_node(code=code) as node, node.database.write() as connection:
        yield node, connection, acting_user_of_operator(node)


async def _add(
    name: str, password: str, roles: list[str], person: str | None, code: str | None
) -> AccountRow | ProposalRow:
    async def write(connection: AsyncConnection, acting_user: ActingUser) -> AccountRow:
        await accounts.add_account(
            connection, acting_user, sign_in_name=name, password=password, roles=roles, person=person
        )
        return await _find(connection, acting_user, name)

    async with open_node(code=code) as node:
        content, detail = AccountToAdd(name, password, roles, person), ", ".join(roles)
        return await propose_or_write(node, content, write, subject=account_named(name), detail=detail)


async def _change_password(name: str, password: str, code: str | None) -> int | ProposalRow:
    write = partial(accounts.give_password, sign_in_name=name, password=password)
    async with open_node(code=code) as node:
        content, detail = PasswordToChange(name, password), "another password"
        return await propose_or_write(node, content, write, subject=account_named(name), detail=detail)


async def _change_roles(
    name: str, roles: frozenset[str], code: str | None
) -> tuple[AccountRow, int] | ProposalRow:
    async def write(connection: AsyncConnection, acting_user: ActingUser) -> tuple[AccountRow, int]:
        ended = await accounts.give_roles(connection, acting_user, sign_in_name=name, roles=roles)
        return await _find(connection, acting_user, name), ended

    async with open_node(code=code) as node:
        content, detail = RolesToChange(name, sorted(roles)), ", ".join(sorted(roles))
        return await propose_or_write(node, content, write, subject=account_named(name), detail=detail)


async def _find(connection: AsyncConnection, acting_user: ActingUser, name: str) -> AccountRow:
    return await people.find_account(
        connection, administration_id=acting_user.administration_id, sign_in_name=name
    )


async def _make_link(name: str, code: str | None) -> tuple[str, datetime]:
    async with _at(code) as (node, connection, acting_user):
        _refuse_alone(node)
        account = await _find(connection, acting_user, name)
        token = await make_link(
            connection,
            account_id=account.account_id,
            administration_id=acting_user.administration_id,
            at=acting_user.at,
        )
        await record_act(connection, acting_user, "account-linked", account_named(name))
    return f"{_address(node.settings.server)}/enter/{token}", acting_user.at + LINK_LASTS


async def _forget_second_factor(name: str, code: str | None) -> int | ProposalRow:
    write = partial(accounts.forget_second_factor, sign_in_name=name)
    async with open_node(code=code) as node:
        content, detail = SecondFactorToForget(name), "another authenticator app"
        return await propose_or_write(node, content, write, subject=account_named(name), detail=detail)


async def _list(code: str | None) -> list[AccountRow]:
    async with _at(code) as (_, connection, acting_user):
        return await people.list_accounts(connection, administration_id=acting_user.administration_id)


async def _end(name: str, code: str | None) -> None:
    async with _at(code) as (_, connection, acting_user):
        is_new = await people.end_account(
            connection, administration_id=acting_user.administration_id, sign_in_name=name, at=acting_user.at
        )
        if is_new:
            await record_act(connection, acting_user, "account-ended", account_named(name))


def _address(server: ServerSettings) -> str:
    """Where others reach the server, as the settings have it."""
    return server.public_url.rstrip("/") or f"http://{server.host}:{server.port}"


def _refuse_alone(node: Node) -> None:
    """Let nobody in by another's account: what gives its openings to whoever types has no second person."""
    if waits(node.settings, "accounts"):
        raise SeraiError(
            "second-person-needed",
            "Accounts need a second person here, and this gives one away at once.",
            "Give the account another password: `serai account password` proposes it.",
        )


def _facts(account: AccountRow) -> dict[str, object]:
    """What may be shown of an account: everything but its password."""
    return {
        "account": account.sign_in_name,
        "person": account.person,
        "roles": account.roles,
        "created": account.created_at,
        "ended": account.ended_at,
    }
