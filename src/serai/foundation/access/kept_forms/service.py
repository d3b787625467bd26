"""Keeps a form for half an hour, for whoever typed it: sealed under a key that only their browser holds."""

import hashlib
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from serai.foundation.access.named_queries import NamedQueries
from serai.foundation.access.secrets import hash_secret, make_token
from serai.foundation.database import Database
from serai.foundation.queries import load_queries

KEPT_FOR: Final = timedelta(minutes=30)
KNOWN_FOR: Final = timedelta(days=1)
"""So long after its end a session still tells whose form it was."""
OF_ACCOUNT_COUNT_MAX: Final = 5
FORM_BYTES_MAX: Final = 256 << 10
_NONCE_BYTES: Final = 12
_NAMED: Final = NamedQueries(load_queries(Path(__file__).with_name("store.sql")))


class KeptForm(msgspec.Struct, frozen=True):
    """A form as it was sent. page: path and query of the page it stood on; action: where it was sent; fields:
    names and values in their order, no passwords. had_files: files were chosen, which are not kept."""

    page: str
    action: str
    fields: list[tuple[str, str]]
    had_files: bool


class _AccountRow(msgspec.Struct, frozen=True):
    account_id: int


class _SealedRow(msgspec.Struct, frozen=True):
    sealed: bytes


class KeptForms:
    """The kept forms of one administration. token: what the browser of the person holds of each."""

    def __init__(self, database: Database, *, administration_id: int) -> None:
        self._database = database
        self._administration_id = administration_id

    async def whose(self, session_token: str, at: datetime) -> int | None:
        """Return the account of a session that has run out within a day; None: there was none, or it was
        ended."""
        values = {
            "session_hash": hash_secret(session_token),
            "administration_id": self._administration_id,
            "expired_after": at - KNOWN_FOR,
        }
        async with self._database.write() as connection:
            found = await _NAMED.select_one(
                connection, "select_account_of_ended_session", values, _AccountRow
            )
        return None if found is None else found.account_id

    async def keep(self, account_id: int, form: KeptForm, at: datetime) -> str | None:
        """Keep a form; return the token for the browser. None: it is too large to be kept."""
        content = msgspec.json.encode(form)
        if len(content) > FORM_BYTES_MAX:
            return None
        token, nonce = make_token(), secrets.token_bytes(_NONCE_BYTES)
        values = self._values(token, account_id) | {
            "expires_at": at + KEPT_FOR,
            "sealed": nonce + AESGCM(_key(token)).encrypt(nonce, content, _context(account_id)),
            "count_max": OF_ACCOUNT_COUNT_MAX,
        }
        async with self._database.write() as connection:
            await _NAMED.execute(connection, "insert_kept_form", values)
            await _NAMED.execute(connection, "delete_oldest_kept_forms", values)
        return token

    async def find(self, token: str, account_id: int, at: datetime) -> KeptForm | None:
        """Return the form of a token, if it is this account's and its time is not over."""
        values = self._values(token, account_id) | {"at": at}
        async with self._database.write() as connection:
            row = await _NAMED.select_one(connection, "select_kept_form", values, _SealedRow)
        if row is None:
            return None
        nonce, sealed = row.sealed[:_NONCE_BYTES], row.sealed[_NONCE_BYTES:]
        try:
            content = AESGCM(_key(token)).decrypt(nonce, sealed, _context(account_id))
            return msgspec.json.decode(content, type=KeptForm)
        except (InvalidTag, msgspec.DecodeError):
            return None  # its row was changed: what was typed is not known any more

    async def forget(self, token: str, account_id: int) -> None:
        """Keep it no longer: it was sent, or is not wanted."""
        async with self._database.write() as connection:
            await _NAMED.execute(connection, "delete_kept_form", self._values(token, account_id))

    def _values(self, token: str, account_id: int) -> dict[str, object]:
        return {
            "form_hash": hash_secret(token),
            "administration_id": self._administration_id,
            "account_id": account_id,
        }


def _key(token: str) -> bytes:
    return hashlib.blake2b(token.encode(), digest_size=32, person=b"serai-kept-form").digest()


def _context(account_id: int) -> bytes:
    return b"kept-form:%d" % account_id
