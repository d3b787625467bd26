"""The registry of parties as administrators work it, by command or over HTTP: each act is written down."""

from collections.abc import Collection
from datetime import datetime

from psycopg import AsyncConnection

from serai.foundation.access import parties, store
from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.secrets import NewKey
from serai.foundation.id_text import format_id
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText


async def register_party(
    connection: AsyncConnection,
    acting_user: ActingUser,
    *,
    name: str,
    roles: Collection[str],
    reference: str | None = None,
) -> tuple[int, bool]:
    """Add a party with its roles; return its number, and whether it is new.

    reference: of whoever asks; the same again finds the same party. Errors: `role-unknown`,
    `reference-reused` where name or roles are others than those of the party that is there.
    """
    party_id = acting_user.take_id()
    values = {
        "party_id": party_id,
        "administration_id": acting_user.administration_id,
        "name": name,
        "at": acting_user.at,
        "reference": reference,
    }
    if not await store.execute(connection, "insert_party_of_reference", values):
        assert reference is not None, "only a reference can be taken"
        return (await _same_party(connection, acting_user, reference, name, roles)).party_id, False
    for role in sorted(set(roles)):
        await parties.add_role(
            connection,
            party_id=party_id,
            administration_id=acting_user.administration_id,
            role=role,
            at=acting_user.at,
        )
    await record_act(connection, acting_user, "party-added", _party(party_id), ", ".join(sorted(set(roles))))
    return party_id, True


async def give_role(
    connection: AsyncConnection, acting_user: ActingUser, *, party_id: int, role: str
) -> None:
    """Give a party a role; again changes nothing. Errors: `party-unknown`, `role-unknown`."""
    has_it = role in (await find_party(connection, acting_user.administration_id, party_id)).roles
    await parties.add_role(
        connection,
        party_id=party_id,
        administration_id=acting_user.administration_id,
        role=role,
        at=acting_user.at,
    )
    if not has_it:
        await record_act(connection, acting_user, "role-given", _party(party_id), role)


async def take_role(
    connection: AsyncConnection, acting_user: ActingUser, *, party_id: int, role: str
) -> None:
    """Take a role away; again changes nothing. Error: `party-unknown`."""
    has_it = role in (await find_party(connection, acting_user.administration_id, party_id)).roles
    await parties.end_role(
        connection,
        party_id=party_id,
        administration_id=acting_user.administration_id,
        role=role,
        at=acting_user.at,
    )
    if has_it:
        await record_act(connection, acting_user, "role-taken", _party(party_id), role)


async def add_identifier(
    connection: AsyncConnection, acting_user: ActingUser, *, party_id: int, identifier: str
) -> tuple[store.IdentifierRow, bool]:
    """Let a party be named by an identifier on others' documents; return it, and whether it is new.

    It counts for what is filed from then on. Errors: `party-unknown`, `identifier-taken` by another party.
    """
    await find_party(connection, acting_user.administration_id, party_id)
    values = {
        "administration_id": acting_user.administration_id,
        "identifier": identifier,
        "party_id": party_id,
        "at": acting_user.at,
    }
    is_new = bool(await store.execute(connection, "insert_identifier", values))
    found = await store.select_one(connection, "select_identifier", values, store.IdentifierRow)
    if found is None or found.party_id != party_id:
        raise SeraiError(
            "identifier-taken",
            MessageText("Another party is registered under '{identifier}'.", identifier=identifier),
            "Find out whose it is; take it from that party before this one gets it.",
        )
    if is_new:
        await record_act(connection, acting_user, "identifier-added", _party(party_id), identifier)
    return found, is_new


async def remove_identifier(
    connection: AsyncConnection, acting_user: ActingUser, *, party_id: int, identifier: str
) -> None:
    """Let a party be named by an identifier no more; again changes nothing. Error: `party-unknown`.

    What was let in by it before stays.
    """
    await find_party(connection, acting_user.administration_id, party_id)
    values = {
        "administration_id": acting_user.administration_id,
        "identifier": identifier,
        "party_id": party_id,
    }
    if await store.execute(connection, "delete_identifier", values):
        await record_act(connection, acting_user, "identifier-removed", _party(party_id), identifier)


async def list_identifiers(
    connection: AsyncConnection, administration_id: int, party_id: int
) -> list[store.IdentifierRow]:
    """Return the identifiers of a party. Error: `party-unknown`."""
    await find_party(connection, administration_id, party_id)
    values = {"administration_id": administration_id, "party_id": party_id}
    return await store.select_all(connection, "select_identifiers_of_party", values, store.IdentifierRow)


async def issue_key(
    connection: AsyncConnection,
    acting_user: ActingUser,
    *,
    party_id: int,
    scopes: Collection[str],
    expires_at: datetime | None,
    reference: str | None = None,
    person: str | None = None,
    known: NewKey | None = None,
    jwk: str | None = None,
) -> NewKey:
    """Make a key; its text is in the answer and nowhere else.

    person: who uses it, where it is for one person. known: a key whose text somebody has already.
    jwk: the public key of a machine that signs instead of showing a text.

    Errors: `party-unknown`, `scope-unknown`, `key-exists`.
    """
    made = await parties.add_key(
        connection,
        key_id=acting_user.take_id() if known is None else known.key_id,
        party_id=party_id,
        administration_id=acting_user.administration_id,
        scopes=frozenset(scopes),
        at=acting_user.at,
        expires_at=expires_at,
        reference=reference,
        person=person,
        key_hash=None if known is None else known.key_hash,
        jwk=jwk,
    )
    detail = f"{_party(party_id)}, for {', '.join(sorted(set(scopes)))}"
    await record_act(connection, acting_user, "key-made", f"key {key_name(made.key_id)}", detail)
    return made


async def revoke_key(
    connection: AsyncConnection, acting_user: ActingUser, *, key_id: int, party_id: int | None = None
) -> None:
    """Revoke a key, of this party if one is named; again is harmless. Error: `key-not-there`."""
    is_new = await parties.revoke_key(
        connection,
        key_id=key_id,
        administration_id=acting_user.administration_id,
        at=acting_user.at,
        party_id=party_id,
    )
    if is_new:
        await record_act(connection, acting_user, "key-revoked", f"key {key_name(key_id)}")


async def find_party(
    connection: AsyncConnection, administration_id: int, party_id: int
) -> store.RegisteredRow:
    """Return a party that has not ended. Error: `party-unknown`."""
    found = await _select(connection, administration_id, party_id=party_id)
    if not found or found[0].ended_at is not None:
        raise SeraiError("party-unknown", "There is no such party, or it has ended.", "List the parties.")
    return found[0]


async def list_parties(
    connection: AsyncConnection, administration_id: int, *, after_id: int, limit: int
) -> list[store.RegisteredRow]:
    """Return parties by number, those that have ended, too."""
    return await _select(connection, administration_id, after_id=after_id, limit=limit)


async def list_keys(
    connection: AsyncConnection, administration_id: int, party_id: int
) -> list[store.ListedKeyRow]:
    """Return the keys of a party, revoked and expired ones, too."""
    values = {"party_id": party_id, "administration_id": administration_id}
    return await store.select_all(connection, "select_keys_of_party", values, store.ListedKeyRow)


def key_name(key_id: int) -> str:
    """Return how a key is called: what stands between the first and the second underline of its text."""
    return f"{key_id:x}"


def read_key_name(text: str) -> int:
    """Return the number of a key by its name; 0, which no key has, for any other text."""
    try:
        number = int(text, 16)
    except ValueError:
        return 0
    return number if 0 < number < 1 << 63 else 0


async def _same_party(
    connection: AsyncConnection, acting_user: ActingUser, reference: str, name: str, roles: Collection[str]
) -> store.RegisteredRow:
    found = await _select(connection, acting_user.administration_id, reference=reference)
    if found[0].name != name or set(found[0].roles) != set(roles) or found[0].ended_at is not None:
        raise SeraiError(
            "reference-reused",
            "This reference was used before, for a party of another name or with other roles.",
            "Read that party, or give this one a reference of its own.",
        )
    return found[0]


async def _select(
    connection: AsyncConnection,
    administration_id: int,
    *,
    party_id: int | None = None,
    reference: str | None = None,
    after_id: int = 0,
    limit: int = 1,
) -> list[store.RegisteredRow]:
    values = {
        "administration_id": administration_id,
        "party_id": party_id,
        "reference": reference,
        "after_id": after_id,
        "limit": limit,
    }
    return await store.select_all(connection, "select_registered", values, store.RegisteredRow)


def _party(party_id: int) -> str:
    return f"party {format_id(party_id)}"
