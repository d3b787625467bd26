"""Passkeys of accounts: registered by whoever has shown the password, used to sign in, removed."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.passkeys import store
from serai.foundation.access.passkeys.ceremony import Ceremony, unfit
from serai.foundation.access.passkeys.store import ChallengeRow, PasskeyRow
from serai.foundation.access.secrets import hash_secret
from serai.foundation.database import Database
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

CHALLENGE_LASTS: Final = timedelta(minutes=5)
PASSKEYS_COUNT_MAX: Final = 10
NAME_LENGTH_MAX: Final = 70
Purpose = Literal["register", "enter", "second"]


class Shown(NamedTuple):
    """Whose passkey has signed."""

    account_id: int
    passkey_id: int


class Passkeys:
    """Passkeys of the accounts of one administration. cookie: to which each question is bound, a browser's
    own."""

    def __init__(
        self,
        database: Database,
        ceremony: Ceremony,
        *,
        administration_id: int,
        take_id: Callable[[], int],
    ) -> None:
        self._database = database
        self._ceremony = ceremony
        self._administration_id = administration_id
        self._take_id = take_id

    async def list_of(self, account_id: int) -> list[PasskeyRow]:
        """Return the passkeys of an account."""
        values = {"account_id": account_id, "administration_id": self._administration_id}
        async with self._database.write() as connection:
            return await store.select_all(connection, "select_passkeys", values, PasskeyRow)

    async def ask_to_register(
        self, account_id: int, sign_in_name: str, cookie: str, at: datetime
    ) -> dict[str, Any]:
        """Return what the browser is asked, of whoever has just shown the password. Error:
        `passkeys-too-many`."""
        known = await self.list_of(account_id)
        if len(known) >= PASSKEYS_COUNT_MAX:
            raise SeraiError(
                "passkeys-too-many",
                MessageText("An account has at most {count_max} passkeys.", count_max=PASSKEYS_COUNT_MAX),
                "Remove one that you do not use.",
            )
        challenge = await self._ask("register", cookie, at)
        credentials = [one.credential for one in known]
        return self._ceremony.ask_to_register(account_id, sign_in_name, credentials, challenge)

    async def register(self, by: ActingUser, account_id: int, cookie: str, name: str, answer: str) -> None:
        """Keep a new passkey. Errors: `passkey-unfit`, `passkey-known`."""
        challenge = await self._take("register", cookie, by.at)
        made = self._ceremony.check_registered(answer, challenge)
        values = {
            "passkey_id": self._take_id(),
            "administration_id": self._administration_id,
            "account_id": account_id,
            "credential_id": made.credential_id,
            "credential": made.credential,
            "sign_count": made.sign_count,
            "name": name[:NAME_LENGTH_MAX],
            "at": by.at,
        }
        async with self._database.write() as connection:
            if not await store.execute(connection, "insert_passkey", values):
                raise SeraiError("passkey-known", "This passkey is registered already.", "Use another one.")
            await record_act(connection, by, "passkey-added", by.actor)

    async def remove(self, by: ActingUser, account_id: int, passkey_id: int) -> None:
        """Remove a passkey of an account; again is harmless."""
        values = {
            "passkey_id": passkey_id,
            "account_id": account_id,
            "administration_id": self._administration_id,
        }
        async with self._database.write() as connection:
            if await store.execute(connection, "delete_passkey", values):
                await record_act(connection, by, "passkey-removed", by.actor)

    async def ask_to_enter(self, cookie: str, at: datetime, *, account_id: int | None) -> dict[str, Any]:
        """Return what the browser is asked. account_id: whose passkeys will do, as the second factor; None:
        any, instead of the password."""
        known = [] if account_id is None else [one.credential for one in await self.list_of(account_id)]
        purpose: Purpose = "enter" if account_id is None else "second"
        challenge = await self._ask(purpose, cookie, at)
        return self._ceremony.ask_to_sign(known, challenge, is_strict=account_id is None)

    async def check_entered(self, cookie: str, answer: str, at: datetime, *, account_id: int | None) -> Shown:
        """Return whose passkey has signed, once for each question. account_id: as it was asked for.

        Error: `passkey-unfit`, also for a passkey whose count did not grow: there are two of it.
        """
        challenge = await self._take("enter" if account_id is None else "second", cookie, at)
        credential_id = self._ceremony.credential_id_of(answer)
        async with self._database.write() as connection:
            row = await self._find(connection, credential_id)
            if row is None or account_id not in {None, row.account_id}:
                raise unfit()
            signed = self._ceremony.check_signed(
                answer, row.credential, row.account_id, challenge, is_strict=account_id is None
            )
            values = {"passkey_id": row.passkey_id, "sign_count": signed.sign_count, "at": at}
            if not await store.execute(connection, "use_passkey", values):
                raise unfit()
        return Shown(row.account_id, row.passkey_id)

    # ---- the steps ----

    async def _find(self, connection: AsyncConnection, credential_id: bytes) -> PasskeyRow | None:
        values = {"administration_id": self._administration_id, "credential_id": credential_id}
        return await store.select_one(connection, "select_passkey_of_credential", values, PasskeyRow)

    async def _ask(self, purpose: Purpose, cookie: str, at: datetime) -> bytes:
        challenge = secrets.token_bytes(32)
        values = self._place(purpose, cookie) | {
            "challenge": challenge,
            "expires_at": at + CHALLENGE_LASTS,
        }
        async with self._database.write() as connection:
            await store.execute(connection, "put_challenge", values)
        return challenge

    async def _take(self, purpose: Purpose, cookie: str, at: datetime) -> bytes:
        async with self._database.write() as connection:
            row = await store.select_one(
                connection, "take_challenge", self._place(purpose, cookie), ChallengeRow
            )
        if row is None or row.expires_at <= at:
            raise unfit()
        return row.challenge

    def _place(self, purpose: Purpose, cookie: str) -> dict[str, object]:
        if not cookie:
            raise unfit()
        return {
            "cookie_hash": hash_secret(cookie),
            "purpose": purpose,
            "administration_id": self._administration_id,
        }
