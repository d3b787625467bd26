"""Accounts as administrators work with them: each act is written down."""

from collections.abc import Collection

from psycopg import AsyncConnection

from serai.foundation.access import people, store
from serai.foundation.access.actor import Role
from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.sign_in_tries import forget_tries_of
from serai.foundation.access.store import AccountRow
from serai.model.errors import SeraiError


async def add_account(
    connection: AsyncConnection,
    acting_user: ActingUser,
    *,
    sign_in_name: str,
    password: str,
    roles: Collection[str],
    person: str | None = None,
) -> None:
    """Add an account. person: whose it is; None: of somebody who is known by the sign-in name. Errors as in
    `create_account`."""
    await people.create_account(
        connection,
        account_id=acting_user.take_id(),
        administration_id=acting_user.administration_id,
        sign_in_name=sign_in_name,
        password=password,
        roles=frozenset(roles),
        at=acting_user.at,
        person=person,
    )
    await record_act(
        connection, acting_user, "account-added", account_named(sign_in_name), ", ".join(sorted(set(roles)))
    )


async def give_password(
    connection: AsyncConnection, acting_user: ActingUser, *, sign_in_name: str, password: str
) -> int:
    """Give an account another password; return how many open sessions that has ended. Errors as in
    `change_password`."""
    ended = await people.change_password(
        connection,
        administration_id=acting_user.administration_id,
        sign_in_name=sign_in_name,
        password=password,
        at=acting_user.at,
    )
    await record_act(connection, acting_user, "account-password-changed", account_named(sign_in_name))
    return ended


async def give_roles(
    connection: AsyncConnection, acting_user: ActingUser, *, sign_in_name: str, roles: Collection[str]
) -> int:
    """Give an account these roles and no others; return how many open sessions that has ended. Errors as in
    `change_roles`."""
    ended = await people.change_roles(
        connection,
        administration_id=acting_user.administration_id,
        sign_in_name=sign_in_name,
        roles=frozenset(roles),
        at=acting_user.at,
    )
    said = ", ".join(sorted(set(roles)))
    await record_act(connection, acting_user, "account-roles-changed", account_named(sign_in_name), said)
    return ended


async def forget_second_factor(
    connection: AsyncConnection, acting_user: ActingUser, *, sign_in_name: str
) -> int:
    """Let an account set up another authenticator app; return how many open sessions that has ended. Error:
    `account-unknown`."""
    ended = await people.forget_second_factor(
        connection,
        administration_id=acting_user.administration_id,
        sign_in_name=sign_in_name,
        at=acting_user.at,
    )
    subject = account_named(sign_in_name)
    await record_act(connection, acting_user, "account-second-factor-forgotten", subject)
    return ended


async def lock(connection: AsyncConnection, acting_user: ActingUser, account: AccountRow) -> int:
    """Let nobody sign in with an account until it is unlocked; return how many open sessions that has ended.
    Errors: `account-own`, `account-last`."""
    await _refuse_own_and_last(connection, acting_user, account)
    await store.execute(connection, "lock_account", {"account_id": account.account_id, "at": acting_user.at})
    ended = await people.end_openings(connection, account.account_id, acting_user.at)
    if account.locked_at is None:
        await record_act(connection, acting_user, "account-locked", account_named(account.sign_in_name))
    return ended


async def unlock(connection: AsyncConnection, acting_user: ActingUser, *, sign_in_name: str) -> None:
    """Let an account sign in again, also one whose name had too many tries. Error: `account-unknown`."""
    account = await people.find_account(
        connection, administration_id=acting_user.administration_id, sign_in_name=sign_in_name
    )
    await store.execute(connection, "unlock_account", {"account_id": account.account_id})
    await forget_tries_of(
        connection, administration_id=acting_user.administration_id, sign_in_name=account.sign_in_name
    )
    await record_act(connection, acting_user, "account-unlocked", account_named(sign_in_name))


async def end_sessions(connection: AsyncConnection, acting_user: ActingUser, account: AccountRow) -> int:
    """Sign an account out everywhere; return how many open sessions that has ended."""
    ended = await people.end_openings(connection, account.account_id, acting_user.at)
    subject, said = account_named(account.sign_in_name), str(ended)
    await record_act(connection, acting_user, "account-sessions-ended", subject, said)
    return ended


async def end(connection: AsyncConnection, acting_user: ActingUser, account: AccountRow) -> None:
    """End an account for good. Errors: `account-own`, `account-last`."""
    await _refuse_own_and_last(connection, acting_user, account)
    is_new = await people.end_account(
        connection,
        administration_id=acting_user.administration_id,
        sign_in_name=account.sign_in_name,
        at=acting_user.at,
    )
    await people.end_openings(connection, account.account_id, acting_user.at)
    if is_new:
        await record_act(connection, acting_user, "account-ended", account_named(account.sign_in_name))


def refuse_own(acting_user: ActingUser, account: AccountRow) -> None:
    """Nobody gives themself power, or shuts themself out by mistake. Error: `account-own`."""
    if acting_user.actor == f"account:{account.account_id}" or acting_user.person == account.person:
        raise SeraiError(
            "account-own",
            "This is your own account: another administrator does that.",
            "Ask another administrator. Your password and passkeys you change on the page of your account.",
        )


async def refuse_last(
    connection: AsyncConnection, acting_user: ActingUser, account: AccountRow, roles: Collection[str] = ()
) -> None:
    """Somebody must be left who can let others in. roles: that the account keeps. Error: `account-last`."""
    if Role.ADMIN not in account.roles or Role.ADMIN in roles:
        return
    values = {
        "administration_id": acting_user.administration_id,
        "account_id": account.account_id,
        "role": Role.ADMIN,
    }
    others = await store.select_one(connection, "count_administrators", values, store.CountRow)
    if others is None or not others.count:
        raise SeraiError(
            "account-last",
            "This is the only account that may administer.",
            "Give another account the role admin first.",
        )


async def _refuse_own_and_last(
    connection: AsyncConnection, acting_user: ActingUser, account: AccountRow
) -> None:
    refuse_own(acting_user, account)
    await refuse_last(connection, acting_user, account)


def account_named(sign_in_name: str) -> str:
    """Return an account as the record names it."""
    return f"account {people.sign_in_name_of(sign_in_name)}"
