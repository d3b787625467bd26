"""Who holds this key or this session? A looked-up key is trusted for a second, so revoking works at once."""

import asyncio
import random
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.foundation.access.actor import ADMINISTRATION, Actor, Means, MemberRole, Role
from serai.foundation.access.secrets import hash_secret, secret_matches, split_key
from serai.foundation.access.table import MEMBER_SCOPES, OWN_ACCOUNT, SCOPES
from serai.foundation.administration import own_party_id
from serai.foundation.database import Database, Jitter
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

KNOWN_FOR_S: Final = 1.0
KEYS_COUNT_MAX: Final = 50_000
USED_TO_WITHIN: Final = timedelta(minutes=1)
"""How exactly the last use of a session is known: a page of many requests writes once."""
_ROLES: Final = frozenset(Role)
_MEMBER_ROLES: Final = frozenset(MemberRole)


class KeyDirectory:
    """Finds the actor of a key of one administration; remembers rows for `KNOWN_FOR_S` in this process."""

    def __init__(self, database: Database, *, administration_id: int, jitter: Jitter = random.random) -> None:
        self._database = database
        self._administration_id = administration_id
        self._jitter = jitter
        self._rows: OrderedDict[int, tuple[float, store.KeyRow | None]] = OrderedDict()
        self._actors: OrderedDict[int, tuple[store.KeyRow, Actor]] = OrderedDict()
        self._asked: dict[int, tuple[float, asyncio.Task[store.KeyRow | None]]] = {}

    async def find_actor(self, key_text: str, at: datetime, monotonic_s: float) -> Actor:
        """Return the actor. Errors: `key-malformed`, `key-unknown`, `key-expired`, `key-revoked`."""
        parts = split_key(key_text)
        if parts is None:
            raise SeraiError(
                "key-malformed",
                "This does not look like a key of Serai: serai_<id>_<secret>.",
                "Copy the whole key as it was given, without line breaks or quotes.",
            )
        key_id, secret = parts
        row = await self._find_row(key_id, monotonic_s)
        # Told apart from expired and revoked only to one who has the secret.
        if row is None or not secret_matches(secret, row.key_hash) or row.party_ended_at is not None:
            raise SeraiError("key-unknown", "No such key is known here.", "Ask the administration for a key.")
        return self._actor(row, at)

    async def find_signing(
        self, key_id: int, at: datetime, monotonic_s: float
    ) -> tuple[store.KeyRow, Actor] | None:
        """Return the key of a machine that signs, and whom it stands for; None: there is none. Errors:
        `key-expired`, `key-revoked`."""
        row = await self._find_row(key_id, monotonic_s)
        if row is None or row.jwk is None or row.party_ended_at is not None:
            return None
        return row, self._actor(row, at)

    def _actor(self, row: store.KeyRow, at: datetime) -> Actor:
        if row.revoked_at is not None:
            raise SeraiError(
                "key-revoked",
                MessageText("This key was revoked on {revoked_at}.", revoked_at=row.revoked_at),
                "Use another key of your party, or ask the administration for one.",
            )
        if row.expires_at is not None and row.expires_at <= at:
            raise SeraiError(
                "key-expired",
                MessageText("This key expired on {expires_at}.", expires_at=row.expires_at),
                "Ask the administration for a new key; what you filed with the old one stays.",
            )
        actor = self._actors.get(row.key_id)
        if actor is None or actor[0] is not row:
            actor = self._actors[row.key_id] = row, _actor_of_key(row)
            if len(self._actors) > KEYS_COUNT_MAX:
                self._actors.popitem(last=False)
        return actor[1]

    def forget(self, key_id: int) -> None:
        """Trust nothing any more that is known of a key: it has just been revoked."""
        self._rows.pop(key_id, None)
        self._actors.pop(key_id, None)
        self._asked.pop(key_id, None)

    async def _find_row(self, key_id: int, monotonic_s: float) -> store.KeyRow | None:
        known = self._rows.get(key_id)
        if known is not None and monotonic_s - known[0] < KNOWN_FOR_S:
            return known[1]
        # When a row has grown old, all requests of its key come here at once: they share one question.
        asked = self._asked.get(key_id)
        if asked is None or monotonic_s - asked[0] >= KNOWN_FOR_S:
            asked = (monotonic_s, asyncio.create_task(self._ask(key_id, monotonic_s)))
            self._asked[key_id] = asked
        return await asyncio.shield(asked[1])

    async def _ask(self, key_id: int, monotonic_s: float) -> store.KeyRow | None:
        async def look(connection: AsyncConnection) -> store.KeyRow | None:
            values = {"key_id": key_id, "administration_id": self._administration_id}
            return await store.select_one(connection, "select_api_key", values, store.KeyRow)

        # Again after a lost connection: a database that comes back costs its askers a moment, not an error.
        is_wanted = False
        try:
            row = await self._database.write_with_retries(look, jitter=self._jitter)
        finally:
            if key_id in self._asked and self._asked[key_id][0] == monotonic_s:
                del self._asked[key_id]
                is_wanted = True
        if not is_wanted:
            return row  # forgotten meanwhile, or asked again: this answer may be older than what was done
        self._rows.pop(key_id, None)
        # The age counts from before the question: what was true then may have changed while we asked.
        self._rows[key_id] = (monotonic_s, row)
        if len(self._rows) > KEYS_COUNT_MAX:
            self._rows.popitem(last=False)
        return row


async def find_session_actor(
    database: Database, session_token: str, at: datetime, *, administration_id: int, idles: timedelta
) -> Actor | None:
    """Return the actor of an open page session of an administration, or None.

    idles: how long a session stays open while nobody uses it.
    """
    values = {
        "session_hash": hash_secret(session_token),
        "administration_id": administration_id,
        "at": at,
        "idle_since": at - idles,
        "awaits_second_factor": False,
    }
    async with database.write() as connection:
        row = await store.select_one(connection, "select_page_session", values, store.SessionRow)
        if row is not None and at - row.used_at > USED_TO_WITHIN:
            await store.execute(connection, "use_page_session", values)
    if row is None:
        return None
    of_own = Actor(
        party_id=own_party_id(row.administration_id),
        administration_id=row.administration_id,
        roles=_read_roles(row.roles),
        scopes=frozenset(SCOPES) | {OWN_ACCOUNT},
        means=Means.PAGE_SESSION,
        credential_id=f"account:{row.account_id}",
        display_name=row.sign_in_name,
        person=row.person,
        language=row.language,
        session_ends_at=row.expires_at,
    )
    return of_own if row.party_id is None else _of_party(of_own, row)


def _of_party(actor: Actor, row: store.SessionRow) -> Actor:
    """Return a person of a party: its roles as they are now, never one of the administration's, and of their
    uses what that person may."""
    roles = _read_roles(row.party_roles) - ADMINISTRATION
    member_role = MemberRole(row.member_role) if row.member_role in _MEMBER_ROLES else None
    return msgspec.structs.replace(
        actor,
        party_id=row.party_id,
        # A party that waits to be admitted has no role yet; its people can look after their accounts.
        roles=roles or frozenset({Role.PUBLIC}),
        scopes=frozenset({OWN_ACCOUNT}) if member_role is None else MEMBER_SCOPES[member_role],
        member_role=member_role,
    )


def _actor_of_key(row: store.KeyRow) -> Actor:
    return Actor(
        party_id=row.party_id,
        administration_id=row.administration_id,
        roles=_read_roles(row.roles),
        scopes=frozenset(row.scopes),
        means=Means.API_KEY,
        credential_id=f"key:{row.key_id:x}",
        display_name=row.party_name,
        person=row.person,
    )


def _read_roles(roles: list[str]) -> frozenset[Role]:
    """A role that this version does not know gives no right."""
    return frozenset(Role(role) for role in roles if role in _ROLES)
