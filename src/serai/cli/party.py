"""`serai party`: add a party with its roles, its identifiers, make a key for it, revoke a key."""

import asyncio
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated

from cyclopts import Parameter
from psycopg import AsyncConnection

from serai.cli.node import acting_user_of_operator, open_node
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.cli.proposal import print_waiting, propose_or_write
from serai.foundation.access import registry
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.secrets import make_key, split_key
from serai.foundation.access.store import ProposalRow
from serai.foundation.id_text import format_id, parse_id
from serai.web.access_to_approve import KeyToMake, PartyToAdd, gives_power


def add(
    name: str,
    /,
    *,
    role: Annotated[list[str], Parameter(help="A role of the party; say it again for another one.")],
    output: OutputOption = None,
) -> int:
    """Add a party with its roles and print its number.

    Parameters
    ----------
    name
        The party's name, as officers will read it.
    """
    added = asyncio.run(_add(name, role))
    if isinstance(added, ProposalRow):
        print_waiting(added, choose_output(output))
        return 0
    party_id = added
    print_facts({"party": format_id(party_id), "name": name, "roles": role}, choose_output(output))
    return 0


def key(
    party: str,
    /,
    *,
    scope: Annotated[list[str], Parameter(help="What the key may be used for; again for another one.")],
    expires: Annotated[date | None, Parameter(help="First day (UTC) on which the key is refused.")] = None,
    person: Annotated[
        str | None, Parameter(help="Who uses it, as the account of that person says, where one person does.")
    ] = None,
    output: OutputOption = None,
) -> int:
    """Make a key for a party. Its text is printed now and is nowhere kept: it cannot be shown again.

    Parameters
    ----------
    party
        The party's number, as `serai party add` printed it.
    """
    expires_at = None if expires is None else datetime.combine(expires, time(), UTC)
    text, waiting = asyncio.run(_make_key(parse_id(party), scope, expires_at, person))
    facts = {"key": text, "party": party, "scopes": scope, "expires": expires and expires.isoformat()}
    if waiting is not None:
        facts |= {"proposal": format_id(waiting.proposal_id), "waits_until": waiting.expires_at.isoformat()}
    print_facts(facts, choose_output(output))
    return 0


def add_identifier(party: str, identifier: str, /, *, output: OutputOption = None) -> int:
    """Register an identifier under which others' documents name a party. Again is harmless.

    Parameters
    ----------
    party
        The party's number, as `serai party add` printed it.
    identifier
        EORI, platform, carrier or provider number, as declarations, orders and waybills write it.
    """
    asyncio.run(_add_identifier(parse_id(party), identifier))
    print_facts({"party": party, "identifier": identifier}, choose_output(output))
    return 0


def remove_identifier(party: str, identifier: str, /, *, output: OutputOption = None) -> int:
    """Take an identifier from a party: from now on it stands for nobody. Again is harmless.

    Parameters
    ----------
    party
        The party's number, as `serai party add` printed it.
    identifier
        One of its identifiers.
    """
    asyncio.run(_remove_identifier(parse_id(party), identifier))
    print_facts({"party": party, "removed": identifier}, choose_output(output))
    return 0


def revoke(key: str, /, *, output: OutputOption = None) -> int:
    """Revoke a key: every process refuses it within a second. Again is harmless.

    Parameters
    ----------
    key
        The key's text, or only its number: what stands between the first and the second underline.
    """
    key_id = _key_id_of(key)
    asyncio.run(_revoke(key_id))
    print_facts({"revoked": registry.key_name(key_id)}, choose_output(output))
    return 0


async def _add(name: str, roles: list[str]) -> int | ProposalRow:
    # One transaction: a role that does not exist leaves no party behind.
    async def write(connection: AsyncConnection, acting_user: ActingUser) -> int:
        return (await registry.register_party(connection, acting_user, name=name, roles=roles))[0]

    async with open_node() as node:
        content, detail = PartyToAdd(None, name, roles), ", ".join(sorted(set(roles)))
        needed = content if gives_power(roles) else None
        return await propose_or_write(node, needed, write, subject="a party", detail=detail)


async def _make_key(
    party_id: int, scopes: list[str], expires_at: datetime | None, person: str | None
) -> tuple[str, ProposalRow | None]:
    async with open_node() as node:
        made = make_key(int(node.ids.take(1)[0]))
        write = partial(
            registry.issue_key,
            party_id=party_id,
            scopes=scopes,
            expires_at=expires_at,
            person=person,
            known=made,
        )
        content = KeyToMake(party_id, None, scopes, expires_at, person, made.key_id, made.key_hash)
        subject, detail = f"a key for party {format_id(party_id)}", ", ".join(sorted(set(scopes)))
        issued = await propose_or_write(node, content, write, subject=subject, detail=detail)
    return made.text, issued if isinstance(issued, ProposalRow) else None


async def _add_identifier(party_id: int, identifier: str) -> None:
    async with open_node() as node, node.database.write() as connection:
        await registry.add_identifier(
            connection, acting_user_of_operator(node), party_id=party_id, identifier=identifier
        )


async def _remove_identifier(party_id: int, identifier: str) -> None:
    async with open_node() as node, node.database.write() as connection:
        await registry.remove_identifier(
            connection, acting_user_of_operator(node), party_id=party_id, identifier=identifier
        )


async def _revoke(key_id: int) -> None:
    async with open_node() as node, node.database.write() as connection:
        await registry.revoke_key(connection, acting_user_of_operator(node), key_id=key_id)


def _key_id_of(text: str) -> int:
    """Read a key, or its name alone; 0, which no key has, for anything else."""
    parts = split_key(text)
    return parts[0] if parts is not None else registry.read_key_name(text)
