"""Adding parties, giving roles and making keys, the same by page and over HTTP; or proposing it."""

from datetime import datetime

import msgspec

from serai.app import Node
from serai.foundation.access import registry
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.client_credentials import fit_jwk
from serai.foundation.access.store import ProposalRow, RegisteredRow
from serai.foundation.id_text import format_id
from serai.web.access_to_approve import KeyToMake, PartyToAdd, RoleToGive, gives_power, waits
from serai.web.approved_actions import propose


class KeyWanted(msgspec.Struct, frozen=True):
    """A key that is asked for. jwk: the public key of a machine that signs."""

    party_id: int
    reference: str
    scopes: list[str]
    expires_at: datetime | None = None
    person: str | None = None
    jwk: dict[str, str] | None = None


class KeyMade(msgspec.Struct, frozen=True):
    """A key at the moment of its making. text: kept nowhere; empty for a machine that signs. proposal: where
    it opens nothing before a second person approves it."""

    key_id: int
    text: str
    proposal: ProposalRow | None


async def add_party(
    node: Node, by: ActingUser, wanted: PartyToAdd
) -> tuple[RegisteredRow, bool, ProposalRow | None]:
    """Add a party; return it, whether it is new, and the proposal where a second person is needed.

    Errors: `role-unknown`, `reference-reused`, `person-needed`.
    """
    is_proposed = gives_power(wanted.roles) and waits(node.settings, "keys")
    # What is proposed is tried and undone: what could not be done is told at once.
    async with node.database.write() as connection, connection.transaction(force_rollback=is_proposed):
        party_id, is_new = await registry.register_party(
            connection, by, name=wanted.name, roles=wanted.roles, reference=wanted.reference
        )
        party = await registry.find_party(connection, by.administration_id, party_id)
    if not (is_proposed and is_new):
        return party, is_new, None
    detail = ", ".join(sorted(set(wanted.roles)))
    return party, True, await _propose(node, by, wanted, "a party", detail)


async def give_role(
    node: Node, by: ActingUser, party_id: int, role: str
) -> tuple[RegisteredRow, ProposalRow | None]:
    """Give a party a role; return the party, and the proposal where a second person is needed.

    Errors: `party-unknown`, `role-unknown`, `person-needed`.
    """
    is_proposed = gives_power([role]) and waits(node.settings, "keys")
    async with node.database.write() as connection, connection.transaction(force_rollback=is_proposed):
        await registry.give_role(connection, by, party_id=party_id, role=role)
        found = await registry.find_party(connection, by.administration_id, party_id)
    if not is_proposed:
        return found, None
    content = RoleToGive(party_id, role)
    return found, await _propose(node, by, content, f"party {format_id(party_id)}", role)


async def make_key(node: Node, by: ActingUser, wanted: KeyWanted) -> KeyMade:
    """Make a key for a party. Errors: `party-unknown`, `scope-unknown`, `key-exists`, `person-needed`."""
    is_proposed = waits(node.settings, "keys")
    jwk = None if wanted.jwk is None else fit_jwk(wanted.jwk)
    async with node.database.write() as connection, connection.transaction(force_rollback=is_proposed):
        made = await registry.issue_key(
            connection,
            by,
            party_id=wanted.party_id,
            scopes=wanted.scopes,
            expires_at=wanted.expires_at,
            reference=wanted.reference,
            person=wanted.person,
            jwk=jwk,
        )
    text = made.text if jwk is None else ""
    if not is_proposed:
        return KeyMade(made.key_id, text, None)
    content = KeyToMake(
        *(wanted.party_id, wanted.reference, wanted.scopes, wanted.expires_at, wanted.person),
        *(made.key_id, made.key_hash, jwk),
    )
    for_whom = f", for {content.person}" if content.person else ""
    detail = f"{content.reference}: {', '.join(sorted(set(content.scopes)))}{for_whom}"
    subject = f"a key for party {format_id(content.party_id)}"
    return KeyMade(made.key_id, text, await _propose(node, by, content, subject, detail))


async def _propose(
    node: Node, by: ActingUser, content: msgspec.Struct, subject: str, detail: str
) -> ProposalRow:
    async with node.database.write() as connection:
        return await propose(connection, node.settings, by, content, subject=subject, detail=detail)
