"""Accounts as administrators work with them: each act is written down."""

from collections.abc import Collection

from psycopg import AsyncConnection

from serai.foundation.access import people
from serai.foundation.access.administering import ActingUser, record_act


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


def account_named(sign_in_name: str) -> str:
    """Return an account as the record names it."""
    return f"account {people.sign_in_name_of(sign_in_name)}"
