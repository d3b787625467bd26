"""Who an actor of a record was: an account, by its sign-in name, or a key's party and who is behind it."""

from collections.abc import Collection
from typing import Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.foundation.access.actor import Actor, Means
from serai.model.errors import SeraiError

PERSON_LENGTH_MAX: Final = 70
_BEHIND: Final = " "
"""Between a key and the person behind it, in the text of a record; no key has one."""


class ActorName(msgspec.Struct, frozen=True):
    """name: of the party, or by which an account signs in. party_id: None for people of the administration.
    person: behind a key; "": unknown, or the account itself."""

    name: str
    party_id: int | None
    person: str = ""


def ledger_text(actor: Actor, acting_person: str | None) -> str:
    """Return who acts, as a record keeps it. acting_person: who stands behind a key, as the party knows them.

    Raises SeraiError `acting-person-missing` for a key with nobody behind it.
    """
    credential = actor.credential_id or "unknown"
    if actor.means is not Means.API_KEY:
        return credential
    person = (acting_person or "").strip()
    if not person or not person.isprintable():
        raise SeraiError(
            "acting-person-missing",
            "A key does not say which person reads.",
            "Send the header Serai-Acting-Person with a name or number that your party knows the person by.",
        )
    return f"{credential}{_BEHIND}{person}"


async def name_actors(
    connection: AsyncConnection, actors: Collection[str], *, administration_id: int
) -> dict[str, ActorName]:
    """Return who the actors of records were; one that is nobody's any more, or the machine, is left out."""
    parts = {actor: actor.partition(_BEHIND) for actor in actors}
    keys = {text: _number(text, "key:", 16) for text, _, _ in parts.values()}
    accounts = {text: _number(text, "account:", 10) for text, _, _ in parts.values()}
    values = {
        "administration_id": administration_id,
        "key_ids": [one for one in keys.values() if one is not None],
        "account_ids": [one for one in accounts.values() if one is not None],
    }
    rows = await store.select_all(connection, "select_actor_names", values, store.ActorNameRow)
    names = {(row.key_id, row.account_id): ActorName(row.name, row.party_id) for row in rows}
    return {
        actor: msgspec.structs.replace(names[keys[text], accounts[text]], person=person)
        for actor, (text, _, person) in parts.items()
        if (keys[text], accounts[text]) in names
    }


def _number(text: str, prefix: str, base: int) -> int | None:
    return int(text.removeprefix(prefix), base) if text.startswith(prefix) else None
