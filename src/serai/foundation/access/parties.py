"""The registry of parties: create one, give it roles and keys, take them away."""

from datetime import datetime

from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.foundation.access.actor import Role
from serai.foundation.access.people import sign_in_name_of
from serai.foundation.access.secrets import NewKey, key_of_text, make_key
from serai.foundation.access.table import SCOPES
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

PUBLISHED = "published"
"""How the references of keys begin that everybody knows."""


async def create_party(
    connection: AsyncConnection, *, party_id: int, administration_id: int, name: str, at: datetime
) -> None:
    """Create a party without role or key."""
    values = {"party_id": party_id, "administration_id": administration_id, "name": name, "at": at}
    await store.execute(connection, "insert_party", values)


async def add_role(
    connection: AsyncConnection, *, party_id: int, administration_id: int, role: str, at: datetime
) -> None:
    """Give a party a role; again is harmless. Errors: `party-unknown`, `role-unknown`."""
    if role not in set(Role) - {Role.PUBLIC}:
        known = ", ".join(sorted(set(Role) - {Role.PUBLIC}))
        raise SeraiError(
            "role-unknown",
            MessageText("There is no role '{role}'.", role=role),
            MessageText("Roles are: {known}.", known=known),
        )
    await _need_party(connection, party_id, administration_id)
    values = {"party_id": party_id, "administration_id": administration_id, "role": role, "at": at}
    await store.execute(connection, "insert_party_role", values)


async def end_role(
    connection: AsyncConnection, *, party_id: int, administration_id: int, role: str, at: datetime
) -> None:
    """Take a role away; its keys lose it within a second."""
    values = {"party_id": party_id, "administration_id": administration_id, "role": role, "at": at}
    await store.execute(connection, "end_party_role", values)


async def add_key(
    connection: AsyncConnection,
    *,
    key_id: int,
    party_id: int,
    administration_id: int,
    scopes: frozenset[str],
    at: datetime,
    expires_at: datetime | None,
    reference: str | None = None,
    person: str | None = None,
    key_hash: bytes | None = None,
    jwk: str | None = None,
) -> NewKey:
    """Make a key for a party; its text is in the answer and nowhere else.

    person: who uses it, where it is for one person. key_hash: of a key whose text somebody has already; its
    text is "" in the answer. jwk: the public key of a machine that signs, and shows no text.

    Errors: `party-unknown`, `scope-unknown`, `key-exists` for a reference that the party used before.
    """
    if unknown := scopes - SCOPES.keys():
        raise SeraiError(
            "scope-unknown",
            MessageText("There is no scope '{name}'.", name=min(unknown)),
            MessageText("Scopes are: {listed}.", listed=", ".join(sorted(SCOPES))),
        )
    await _need_party(connection, party_id, administration_id)
    key = make_key(key_id) if key_hash is None else NewKey(key_id, "", key_hash)
    made = await _insert_key(
        connection,
        key,
        party_id=party_id,
        administration_id=administration_id,
        scopes=scopes,
        at=at,
        expires_at=expires_at,
        reference=reference,
        person=person,
        jwk=jwk,
    )
    if not made:
        raise SeraiError(
            "key-exists",
            "This party has a key of this reference; its text was shown once and is kept nowhere.",
            "Where the text was lost, revoke that key and make another under a new reference.",
        )
    return key


async def add_published_key(
    connection: AsyncConnection,
    *,
    text: str,
    party_id: int,
    administration_id: int,
    scopes: frozenset[str],
    at: datetime,
) -> None:
    """Give a party a key that everybody knows; again changes nothing. Only for a test environment."""
    key = key_of_text(text)
    await _insert_key(
        connection,
        key,
        party_id=party_id,
        administration_id=administration_id,
        scopes=scopes,
        at=at,
        expires_at=None,
        reference=f"{PUBLISHED}-{key.key_id:x}",
    )


async def has_published_keys(connection: AsyncConnection, administration_id: int) -> bool:
    """Say whether a key that everybody knows is in force here."""
    values = {"administration_id": administration_id, "reference_like": f"{PUBLISHED}-%"}
    return await store.select_one(connection, "select_published_key", values, store.KeyIdRow) is not None


async def _insert_key(
    connection: AsyncConnection,
    key: NewKey,
    *,
    party_id: int,
    administration_id: int,
    scopes: frozenset[str],
    at: datetime,
    expires_at: datetime | None,
    reference: str | None,
    person: str | None = None,
    jwk: str | None = None,
) -> int:
    return await store.execute(
        connection,
        "insert_api_key",
        {
            "key_id": key.key_id,
            "administration_id": administration_id,
            "party_id": party_id,
            "key_hash": key.key_hash,
            "scopes": sorted(scopes),
            "at": at,
            "expires_at": expires_at,
            "reference": reference,
            "person": None if person is None else sign_in_name_of(person),
            "jwk": jwk,
        },
    )


async def revoke_key(
    connection: AsyncConnection,
    *,
    key_id: int,
    administration_id: int,
    at: datetime,
    party_id: int | None = None,
) -> bool:
    """Revoke a key: every process refuses it within a second. Again is harmless, and False.

    party_id: whose key it must be; None: of any. Error: `key-not-there`.
    """
    values = {"key_id": key_id, "administration_id": administration_id, "party_id": party_id, "at": at}
    revoked = await store.select_one(connection, "revoke_api_key", values, store.RevokedRow)
    if revoked is None:
        raise SeraiError("key-not-there", "There is no such key.", "List the party's keys.")
    return revoked.revoked_at == at


async def _need_party(connection: AsyncConnection, party_id: int, administration_id: int) -> None:
    values = {"party_id": party_id, "administration_id": administration_id}
    if await store.select_one(connection, "select_party", values, store.PartyRow) is None:
        raise SeraiError("party-unknown", "There is no such party, or it has ended.", "List the parties.")
