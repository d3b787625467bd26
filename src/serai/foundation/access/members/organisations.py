"""An organisation and its people: registered, invited, given another part, ended. Each act is written down,
without the addresses of people."""

from typing import Final

from psycopg import AsyncConnection

from serai.foundation.access import registry
from serai.foundation.access.actor import MemberRole
from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.members import store
from serai.foundation.access.members.store import LinkRow, MemberRow, OrganisationRow
from serai.foundation.access.people import end_openings, sign_in_name_of
from serai.foundation.id_text import format_id
from serai.model.errors import SeraiError

MEMBERS_COUNT_MAX: Final = 500


async def add_organisation(
    connection: AsyncConnection, by: ActingUser, *, name: str, country_code: str, roles: list[str]
) -> int:
    """Add a party that has registered itself; return its number."""
    party_id, _ = await registry.register_party(connection, by, name=name, roles=roles)
    values = {
        "party_id": party_id,
        "administration_id": by.administration_id,
        "country_code": country_code,
    }
    await store.execute(connection, "set_country", values)
    return party_id


async def add_member(
    connection: AsyncConnection,
    by: ActingUser,
    *,
    account_id: int,
    party_id: int,
    email: str,
    password_hash: str,
    member_role: MemberRole,
    language: str,
) -> None:
    """Add a person to a party. Error: `account-exists`: an address has one account."""
    values = {
        "account_id": account_id,
        "administration_id": by.administration_id,
        "sign_in_name": sign_in_name_of(email),
        "password_hash": password_hash,
        "at": by.at,
        "party_id": party_id,
        "member_role": member_role,
        "language": language,
    }
    if not await store.execute(connection, "insert_member", values):
        raise SeraiError(
            "account-exists",
            "This address has an account already, and serves one organisation.",
            "Sign in with it, or be invited under another address.",
        )
    await record_act(
        connection, by, "account-added", _account(account_id), f"{_party(party_id)}, {member_role}"
    )


async def list_members(connection: AsyncConnection, administration_id: int, party_id: int) -> list[MemberRow]:
    """Return the people of a party who have not ended."""
    values = {"party_id": party_id, "administration_id": administration_id}
    return await store.select_all(connection, "select_members", values, MemberRow)


async def list_invitations(connection: AsyncConnection, by: ActingUser, party_id: int) -> list[LinkRow]:
    """Return invitations that can still be accepted."""
    values = {"party_id": party_id, "administration_id": by.administration_id, "at": by.at}
    return await store.select_all(connection, "select_invitations", values, LinkRow)


async def end_invitation(connection: AsyncConnection, by: ActingUser, *, party_id: int, link_id: int) -> None:
    """Take an invitation back; again is harmless."""
    values = {
        "party_id": party_id,
        "administration_id": by.administration_id,
        "link_id": link_id,
        "at": by.at,
    }
    if await store.execute(connection, "end_invitation", values):
        await record_act(connection, by, "invitation-ended", _party(party_id))


async def find_organisation(connection: AsyncConnection, by: ActingUser, party_id: int) -> OrganisationRow:
    """Return a party as its own people see it. Error: `party-unknown`."""
    values = {
        "party_id": party_id,
        "administration_id": by.administration_id,
        "subject": _party(party_id),
        "at": by.at,
    }
    row = await store.select_one(connection, "select_organisation", values, OrganisationRow)
    if row is None:
        raise SeraiError("party-unknown", "There is no such party, or it has ended.", "List the parties.")
    return row


async def change_member_role(
    connection: AsyncConnection, by: ActingUser, *, party_id: int, account_id: int, member_role: MemberRole
) -> None:
    """Let a person of a party do more or less; their open pages end. Errors: `member-unknown`,
    `last-manager`."""
    known = await _hold_member(connection, by, party_id, account_id, stays=member_role is MemberRole.MANAGER)
    if known.member_role == member_role:
        return
    values = {
        "party_id": party_id,
        "administration_id": by.administration_id,
        "account_id": account_id,
        "member_role": member_role,
    }
    await store.execute(connection, "change_member_role", values)
    await end_openings(connection, account_id, by.at)
    await record_act(connection, by, "account-roles-changed", _account(account_id), member_role)


async def end_member(
    connection: AsyncConnection, by: ActingUser, *, party_id: int, account_id: int, keeps_a_manager: bool
) -> None:
    """End a person's account; their open pages end. keeps_a_manager: whether one must stay, as where the
    party's own people do it. Errors: `member-unknown`, `last-manager`."""
    await _hold_member(connection, by, party_id, account_id, stays=not keeps_a_manager)
    values = {
        "party_id": party_id,
        "administration_id": by.administration_id,
        "account_id": account_id,
        "at": by.at,
    }
    await store.execute(connection, "end_member", values)
    await end_openings(connection, account_id, by.at)
    await record_act(connection, by, "account-ended", _account(account_id), _party(party_id))


async def _hold_member(
    connection: AsyncConnection, by: ActingUser, party_id: int, account_id: int, *, stays: bool
) -> MemberRow:
    """Return a person of a party, whose people nobody else changes meanwhile. stays: as a manager."""
    values = {"party_id": party_id, "administration_id": by.administration_id}
    await store.select_one(connection, "lock_party", values, store.CountRow)
    members = await list_members(connection, by.administration_id, party_id)
    found = [one for one in members if one.account_id == account_id]
    if not found:
        raise SeraiError(
            "member-unknown", "There is no such person in this organisation.", "Load the page again."
        )
    others = [
        one for one in members if one.account_id != account_id and one.member_role == MemberRole.MANAGER
    ]
    if found[0].member_role == MemberRole.MANAGER and not stays and not others:
        raise SeraiError(
            "last-manager",
            "This is the last manager of the organisation.",
            "Make somebody else a manager first.",
        )
    return found[0]


def _party(party_id: int) -> str:
    return f"party {format_id(party_id)}"


def _account(account_id: int) -> str:
    return f"account {format_id(account_id)}"
