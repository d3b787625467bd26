"""How people come in: by password or one-use link, then by the second factor where it is due."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.foundation.access.administering import ActingUser, ActKind, record_act
from serai.foundation.access.passwords import PasswordChecker
from serai.foundation.access.people import sign_in_name_of
from serai.foundation.access.second_factor import make_secret, matching_step, qr_code
from serai.foundation.access.secrets import hash_secret, make_token
from serai.foundation.access.sign_in_tries import SignInLockedError, TriesAllowed, forget_tries, take_try
from serai.foundation.database import Database
from serai.foundation.id_text import format_id
from serai.foundation.sealed_secrets import SecretSeal
from serai.model.errors import SeraiError

LINK_LASTS: Final = timedelta(hours=1)
SECOND_FACTOR_LASTS: Final = timedelta(minutes=10)
"""From the first factor to the code."""


class SignInRules(msgspec.Struct, frozen=True):
    """How people sign in. lasts: from signing in to being asked again. issuer: as the apps show it."""

    lasts: timedelta
    tries: TriesAllowed
    needs_second_factor: bool
    issuer: str


class Opened(msgspec.Struct, frozen=True):
    """A session. token: for the cookie. awaits_second_factor: it opens the question for a code alone."""

    token: str
    awaits_second_factor: bool


class SetUp(msgspec.Struct, frozen=True):
    """What an authenticator app is set up with: by picture (a `data:` address), or by typing."""

    secret: str
    picture: str


class Due(msgspec.Struct, frozen=True):
    """What an account shows as its second factor. set_up: of an app that it has yet to set up."""

    takes_code: bool
    takes_passkey: bool
    set_up: SetUp | None = None


class SignIn:
    """Lets people of one administration in; every try, good or bad, is an act in the administration's record.

    take_id: gives new ids. seal: of the secrets of second factors.
    """

    def __init__(
        self,
        database: Database,
        rules: SignInRules,
        seal: SecretSeal,
        *,
        administration_id: int,
        take_id: Callable[[], int],
    ) -> None:
        self.database = database
        self._rules = rules
        self._seal = seal
        self._administration_id = administration_id
        self._take_id = take_id
        self._passwords = PasswordChecker()

    async def by_password(self, sign_in_name: str, password: str, network: str, at: datetime) -> Opened:
        """Open a session. Errors: `sign-in-failed`, whichever was wrong; `sign-in-locked`; `busy`."""
        name = sign_in_name_of(sign_in_name)
        found = await self._take_try(name, network, at)
        password_hash = found.password_hash if found else None
        # No connection is held meanwhile: a comparison takes longer than everything else together.
        if not await self._passwords.matches(password, password_hash):
            await self._record("sign-in-failed", found, at, "password")
            raise _failed()
        async with self.database.write() as connection:
            values = {"administration_id": self._administration_id, "sign_in_name": name}
            account = await store.select_one(
                connection, "select_account_to_sign_in", values, store.AccountRow
            )
            if account is None or account.password_hash != password_hash:
                raise _failed()  # changed or ended while it was compared
            return await self._open(connection, account, network, at, "password")

    async def show_password(
        self, account_id: int, password: str, network: str, at: datetime
    ) -> store.AccountRow:
        """Return the account of whoever is signed in and knows its password, before they change how one
        signs in. It counts as a try to sign in. Errors: `sign-in-failed`, `sign-in-locked`, `busy`."""
        async with self.database.write() as connection:
            account = await self._account(connection, account_id)
        if account is None:
            raise _failed()
        await self._take_try(account.sign_in_name, network, at)
        if not await self._passwords.matches(password, account.password_hash):
            await self._record("sign-in-failed", account, at, "password")
            raise _failed()
        async with self.database.write() as connection:
            await forget_tries(
                connection,
                administration_id=self._administration_id,
                sign_in_name=account.sign_in_name,
                network=network,
                allowed=self._rules.tries,
                at=at,
            )
        return account

    async def by_link(self, token: str, network: str, at: datetime) -> Opened:
        """Use a link of the administration up and open a session. Error: `link-used-or-expired`."""
        values = {"link_hash": hash_secret(token), "administration_id": self._administration_id, "at": at}
        async with self.database.write() as connection:
            used = await store.select_one(connection, "use_one_use_link", values, store.UsedLinkRow)
            account = None if used is None else await self._account(connection, used.account_id)
            if account is None:
                raise SeraiError(
                    "link-used-or-expired",
                    "This link opens the pages once, and it has been used or its time is over.",
                    "Ask for a new link (each start of the demo makes one), or sign in with a password.",
                )
            return await self._open(connection, account, network, at, "link")

    async def ask_second_factor(self, token: str, at: datetime) -> Due:
        """Return what this account may show. Error: `second-factor-not-awaited`."""
        async with self.database.write() as connection:
            account = await self._who_waits(connection, token, at)
            # Whoever has a passkey sets no app up here: it would be a way around the passkey.
            if account.second_factor_step is not None or account.has_passkey:
                return Due(account.second_factor_step is not None, account.has_passkey)
            if account.second_factor is None:
                sealed = self._seal.seal(make_secret(), _context(account.account_id))
                values = {"account_id": account.account_id, "second_factor": sealed}
                await store.execute(connection, "set_second_factor", values)
                account = msgspec.structs.replace(account, second_factor=sealed)
        secret = self._secret(account)
        set_up = SetUp(secret, qr_code(secret, account.sign_in_name, self._rules.issuer))
        return Due(takes_code=True, takes_passkey=False, set_up=set_up)

    async def who_waits(self, token: str, at: datetime) -> int:
        """Return the account whose second factor is awaited. Error: `second-factor-not-awaited`."""
        async with self.database.write() as connection:
            return (await self._who_waits(connection, token, at)).account_id

    async def by_passkey(self, account_id: int, network: str, at: datetime, *, waiting: str | None) -> Opened:
        """Open a session for the account whose passkey has signed. waiting: the session that waited for it,
        as the second factor. Error: `sign-in-failed` for an account that has ended."""
        async with self.database.write() as connection:
            account = await self._account(connection, account_id)
            if account is None:
                raise _failed()
            if waiting is not None:
                await _end_session(connection, waiting, at)
            return await self._enter(connection, account, network, at, "passkey")

    async def by_identity(
        self, account_id: int, network: str, at: datetime, *, provider: str, is_strong: bool
    ) -> Opened:
        """Open a session for the account that a provider of identities has shown. is_strong: with a second
        factor of its own. Errors: `sign-in-failed` for an account that has ended, `account-locked`."""
        async with self.database.write() as connection:
            account = await self._account(connection, account_id)
            if account is None:
                raise _failed()
            if is_strong:
                _refuse_locked(account)
                return await self._enter(connection, account, network, at, f"provider {provider}")
            return await self._open(connection, account, network, at, f"provider {provider}")

    async def by_code(self, token: str, code: str, network: str, at: datetime) -> Opened:
        """Open a session in the place of one that waits for this code.

        Errors: `second-factor-not-awaited`, `second-factor-wrong`, `sign-in-locked`.
        """
        async with self.database.write() as connection:
            account = await self._who_waits(connection, token, at)
        await self._take_try(account.sign_in_name, network, at)
        # An app that was never confirmed counts for nothing once there is a passkey.
        takes_code = account.second_factor and (
            account.second_factor_step is not None or not account.has_passkey
        )
        step = matching_step(self._secret(account), code, at) if takes_code else None
        async with self.database.write() as connection:
            values = {"account_id": account.account_id, "step": step}
            if step is not None and await store.execute(connection, "use_second_factor", values):
                await _end_session(connection, token, at)
                return await self._enter(connection, account, network, at, "second factor")
        await self._record("sign-in-failed", account, at, "second factor")
        raise SeraiError(
            "second-factor-wrong",
            "This is not the code of this half minute, or it was used before.",
            "Wait for the next code in the app and type that one.",
        )

    async def sign_out(self, token: str, at: datetime) -> None:
        """End a session; again is harmless."""
        async with self.database.write() as connection:
            await _end_session(connection, token, at)

    async def choose_language(self, account_id: int, language: str) -> None:
        """Let pages speak to an account in a language from now on."""
        values = {
            "account_id": account_id,
            "administration_id": self._administration_id,
            "language": language,
        }
        async with self.database.write() as connection:
            await store.execute(connection, "choose_account_language", values)

    # ---- the steps ----

    async def _take_try(self, name: str, network: str, at: datetime) -> store.AccountRow | None:
        values = {"administration_id": self._administration_id, "sign_in_name": name}
        account = None
        try:
            async with self.database.write() as connection:
                account = await store.select_one(connection, "select_account", values, store.AccountRow)
                await take_try(
                    connection,
                    administration_id=self._administration_id,
                    sign_in_name=name,
                    network=network,
                    allowed=self._rules.tries,
                    at=at,
                )
        except SignInLockedError:
            await self._record("sign-in-locked", account, at)
            raise
        return account

    async def _open(
        self, connection: AsyncConnection, account: store.AccountRow, network: str, at: datetime, by: str
    ) -> Opened:
        _refuse_locked(account)
        has_one = account.second_factor_step is not None or account.has_passkey
        if not (self._rules.needs_second_factor or has_one):
            return await self._enter(connection, account, network, at, by)
        token = await self._write_session(connection, account, at, SECOND_FACTOR_LASTS, awaits=True)
        return Opened(token, awaits_second_factor=True)

    async def _enter(
        self, connection: AsyncConnection, account: store.AccountRow, network: str, at: datetime, by: str
    ) -> Opened:
        _refuse_locked(account)
        token = await self._write_session(connection, account, at, self._rules.lasts, awaits=False)
        await forget_tries(
            connection,
            administration_id=self._administration_id,
            sign_in_name=account.sign_in_name,
            network=network,
            allowed=self._rules.tries,
            at=at,
        )
        await record_act(connection, self._acting(account, at), "signed-in", _subject(account), by)
        return Opened(token, awaits_second_factor=False)

    async def _write_session(
        self,
        connection: AsyncConnection,
        account: store.AccountRow,
        at: datetime,
        lasts: timedelta,
        *,
        awaits: bool,
    ) -> str:
        token = make_token()
        values = {
            "session_hash": hash_secret(token),
            "administration_id": account.administration_id,
            "account_id": account.account_id,
            "at": at,
            "expires_at": at + lasts,
            "awaits_second_factor": awaits,
        }
        await store.execute(connection, "insert_page_session", values)
        return token

    async def _who_waits(self, connection: AsyncConnection, token: str, at: datetime) -> store.AccountRow:
        values = {
            "session_hash": hash_secret(token),
            "administration_id": self._administration_id,
            "at": at,
            "idle_since": at - SECOND_FACTOR_LASTS,
            "awaits_second_factor": True,
        }
        session = await store.select_one(connection, "select_page_session", values, store.SessionRow)
        account = None if session is None else await self._account(connection, session.account_id)
        if account is None:
            raise SeraiError(
                "second-factor-not-awaited",
                "No code is awaited here, or the time to type it is over.",
                "Sign in again, from the beginning.",
            )
        return account

    async def _account(self, connection: AsyncConnection, account_id: int) -> store.AccountRow | None:
        values = {"account_id": account_id, "administration_id": self._administration_id}
        return await store.select_one(connection, "select_account_by_id", values, store.AccountRow)

    def _secret(self, account: store.AccountRow) -> str:
        assert account.second_factor is not None, "it was asked for before"
        return self._seal.open(account.second_factor, _context(account.account_id))

    async def _record(
        self, kind: ActKind, account: store.AccountRow | None, at: datetime, detail: str = ""
    ) -> None:
        async with self.database.write() as connection:
            await record_act(connection, self._acting(account, at), kind, _subject(account), detail)

    def _acting(self, account: store.AccountRow | None, at: datetime) -> ActingUser:
        actor = f"account:{account.account_id}" if account else "unknown"
        return ActingUser(self._administration_id, actor, at, self._take_id)


async def make_link(
    connection: AsyncConnection,
    *,
    account_id: int,
    administration_id: int,
    at: datetime,
    lasts: timedelta = LINK_LASTS,
) -> str:
    """Make a link that signs this account in once; return the token for `/enter/<token>`."""
    token = make_token()
    values = {
        "link_hash": hash_secret(token),
        "administration_id": administration_id,
        "account_id": account_id,
        "at": at,
        "expires_at": at + lasts,
    }
    await store.execute(connection, "insert_one_use_link", values)
    return token


async def _end_session(connection: AsyncConnection, token: str, at: datetime) -> None:
    values = {"session_hash": hash_secret(token), "at": at}
    await store.execute(connection, "end_page_session", values)


def named(account: store.AccountRow) -> str:
    """Return an account as the record names it. The names of parties' persons are their e-mail addresses,
    which a record that is only added to does not keep."""
    if account.party_id is not None:
        return f"account {format_id(account.account_id)}"
    return f"account {account.sign_in_name}"


def _context(account_id: int) -> bytes:
    return b"second-factor:%d" % account_id


def _subject(account: store.AccountRow | None) -> str:
    # A name that no account has is not written down: it may be a password in the wrong field.
    return named(account) if account else "account unknown"


def _refuse_locked(account: store.AccountRow) -> None:
    """Told only to who has shown what opens the account."""
    if account.locked_at is not None:
        raise SeraiError(
            "account-locked",
            "An administrator has locked this account.",
            "Ask your administration to unlock it.",
        )


def _failed() -> SeraiError:
    return SeraiError(
        "sign-in-failed",
        "This name and this password do not belong together.",
        "Check both and try again, or ask the administration for a new password.",
    )
