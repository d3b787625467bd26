"""Making and changing accounts of the administration's people, the same by page and over HTTP; or proposing
it where a second person is needed. What takes power away is done at once."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.app import Node
from serai.foundation.access import accounts, people
from serai.foundation.access.accounts import account_named
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.oidc import identities
from serai.foundation.access.oidc.identities import IdentityRow
from serai.foundation.access.oidc.providers import Provider
from serai.foundation.access.store import AccountRow, ProposalRow
from serai.web.access_to_approve import (
    AccountToAdd,
    AccountToUnlock,
    IdentityToLink,
    PasswordToChange,
    RolesToChange,
    SecondFactorToForget,
    waits,
)
from serai.web.approved_actions import propose

_PASSWORD_BYTES: Final = 15
Write = Callable[[AsyncConnection[Any]], Awaitable[object]]


class Shown(msgspec.Struct, frozen=True):
    """A password at the moment of its making, kept nowhere. proposal: where it opens nothing before a second
    person approves it."""

    sign_in_name: str
    password: str
    proposal: ProposalRow | None


async def add(
    node: Node, by: ActingUser, *, sign_in_name: str, roles: Sequence[str], person: str | None
) -> Shown:
    """Add an account with a password that is made here. Errors: `sign-in-name-missing`, `account-exists`,
    `role-unknown`, `person-needed`."""
    password, name = make_password(), people.sign_in_name_of(sign_in_name)
    content = AccountToAdd(name, password, sorted(set(roles)), person)

    async def write(connection: AsyncConnection[Any]) -> None:
        await accounts.add_account(connection, by, **msgspec.structs.asdict(content))

    return Shown(name, password, await _do(node, by, name, content, write, detail=", ".join(content.roles)))


async def give_password(node: Node, by: ActingUser, account: AccountRow) -> Shown:
    """Give an account another password that is made here; its sessions end. Errors: `account-own`,
    `person-needed`."""
    accounts.refuse_own(by, account)
    content = PasswordToChange(account.sign_in_name, make_password())

    async def write(connection: AsyncConnection[Any]) -> None:
        await accounts.give_password(connection, by, **msgspec.structs.asdict(content))

    proposal = await _do(node, by, account.sign_in_name, content, write, detail="another password")
    return Shown(account.sign_in_name, content.password, proposal)


async def give_roles(
    node: Node, by: ActingUser, account: AccountRow, roles: Sequence[str]
) -> ProposalRow | None:
    """Give an account these roles and no others; its sessions end. Errors: `account-own`, `account-last`,
    `role-unknown`, `person-needed`."""
    accounts.refuse_own(by, account)
    content = RolesToChange(account.sign_in_name, sorted(set(roles)))

    async def write(connection: AsyncConnection[Any]) -> None:
        await accounts.refuse_last(connection, by, account, content.roles)
        await accounts.give_roles(connection, by, **msgspec.structs.asdict(content))

    return await _do(node, by, account.sign_in_name, content, write, detail=", ".join(content.roles))


async def forget_second_factor(node: Node, by: ActingUser, account: AccountRow) -> ProposalRow | None:
    """Let an account set up another authenticator app; its passkeys and sessions end. Errors: `account-own`,
    `person-needed`."""
    accounts.refuse_own(by, account)
    content = SecondFactorToForget(account.sign_in_name)

    async def write(connection: AsyncConnection[Any]) -> None:
        await accounts.forget_second_factor(connection, by, sign_in_name=account.sign_in_name)

    return await _do(node, by, account.sign_in_name, content, write, detail="another authenticator app")


async def unlock(node: Node, by: ActingUser, account: AccountRow) -> ProposalRow | None:
    """Let an account sign in again. Errors: `account-own`, `person-needed`."""
    accounts.refuse_own(by, account)
    content = AccountToUnlock(account.sign_in_name)

    async def write(connection: AsyncConnection[Any]) -> None:
        await accounts.unlock(connection, by, sign_in_name=account.sign_in_name)

    return await _do(node, by, account.sign_in_name, content, write, detail="unlock")


async def link_identity(
    node: Node, by: ActingUser, account: AccountRow, provider: Provider, subject: str
) -> ProposalRow | None:
    """Let a subject of a provider sign in as an account. Errors: `account-own`, `identity-taken`,
    `person-needed`."""
    accounts.refuse_own(by, account)
    content = IdentityToLink(account.account_id, provider.issuer, subject)

    async def write(connection: AsyncConnection[Any]) -> None:
        await identities.link(connection, by, account, issuer=provider.issuer, subject=subject)

    return await _do(node, by, account.sign_in_name, content, write, detail=f"sign in at {provider.name}")


async def part_identity(node: Node, by: ActingUser, account: AccountRow, provider: Provider) -> None:
    """Let nobody of a provider sign in as an account any more; its sessions end."""
    async with node.database.write() as connection:
        await identities.part(connection, by, account, issuer=provider.issuer)


async def list_identities(node: Node, by: ActingUser, account: AccountRow) -> list[IdentityRow]:
    """Return where an account may sign in beside here."""
    async with node.database.write() as connection:
        return await identities.list_identities(
            connection, administration_id=by.administration_id, account_id=account.account_id
        )


async def find_any(node: Node, by: ActingUser, account_id: int) -> AccountRow:
    """Return an account, also one of a person of a party. Error: `account-unknown`."""
    async with node.database.write() as connection:
        return await people.find_any_account(
            connection, administration_id=by.administration_id, account_id=account_id
        )


async def lock(node: Node, by: ActingUser, account: AccountRow) -> None:
    """Let nobody sign in with an account. Errors: `account-own`, `account-last`."""
    async with node.database.write() as connection:
        await accounts.lock(connection, by, account)


async def end_sessions(node: Node, by: ActingUser, account: AccountRow) -> int:
    """Sign an account out everywhere; return how many sessions that has ended."""
    async with node.database.write() as connection:
        return await accounts.end_sessions(connection, by, account)


async def end(node: Node, by: ActingUser, account: AccountRow) -> None:
    """End an account for good. Errors: `account-own`, `account-last`."""
    async with node.database.write() as connection:
        await accounts.end(connection, by, account)


async def find(node: Node, by: ActingUser, account_id: int) -> AccountRow:
    """Return an account of the administration's own people. Error: `account-unknown`."""
    async with node.database.write() as connection:
        return await people.find_own_account(
            connection, administration_id=by.administration_id, account_id=account_id
        )


def make_password() -> str:
    """Make a password of 120 bits that nobody has chosen."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


async def _do(
    node: Node, by: ActingUser, name: str, content: msgspec.Struct, write: Write, *, detail: str
) -> ProposalRow | None:
    is_proposed = waits(node.settings, "accounts")
    async with node.database.write() as connection:
        # What is proposed is tried and undone: what could not be done is told at once.
        async with connection.transaction(force_rollback=is_proposed):
            await write(connection)
        if not is_proposed:
            return None
        return await propose(
            connection, node.settings, by, content, subject=account_named(name), detail=detail
        )
