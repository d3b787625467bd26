"""Sends a browser to a provider and takes it back: once, from the provider that was asked, by the browser
that was sent."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from serai.foundation.access.oidc.exchange import ProviderClient, refused
from serai.foundation.access.oidc.identities import NAMED, find_account_id
from serai.foundation.access.oidc.providers import Provider
from serai.foundation.access.secrets import hash_secret, make_token
from serai.foundation.database import Database
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

ATTEMPT_LASTS: Final = timedelta(minutes=10)
_PARAMETER_LENGTH_MAX: Final = 4_096


class Sent(NamedTuple):
    """Where the browser goes, and what it holds meanwhile."""

    address: str
    cookie: str


class Back(NamedTuple):
    """Whose browser is back. account_id: the account that an administrator has linked."""

    account_id: int
    is_strong: bool
    next_address: str


class _AttemptRow(msgspec.Struct, frozen=True):
    next_address: str


class Oidc:
    """Signing in at the providers of one administration."""

    def __init__(self, database: Database, providers: Sequence[Provider], *, administration_id: int) -> None:
        self.providers = tuple(providers)
        self._clients = {one.name: ProviderClient(one) for one in providers}
        self._database = database
        self._administration_id = administration_id

    def find(self, name: str) -> Provider:
        """Return a provider by its name. Error: `not-found`."""
        return self._client(name).provider

    async def send(self, name: str, *, redirect_address: str, next_address: str, at: datetime) -> Sent:
        """Begin at a provider. Errors: `not-found`, `oidc-unreachable`, `oidc-answer-unfit`."""
        client = self._client(name)
        description = await client.describe()
        cookie, state = make_token(), make_token()
        values = {
            "state_hash": hash_secret(state),
            "cookie_hash": hash_secret(cookie),
            "administration_id": self._administration_id,
            "provider": name,
            "next_address": next_address,
            "expires_at": at + ATTEMPT_LASTS,
        }
        async with self._database.write() as connection:
            await NAMED.execute(connection, "insert_attempt", values)
        query = {
            "response_type": "code",
            "scope": "openid",
            "client_id": client.provider.client_id,
            "redirect_uri": redirect_address,
            "state": state,
            "nonce": _derive("nonce", cookie, state),
            "code_challenge": _challenge(_derive("verifier", cookie, state)),
            "code_challenge_method": "S256",
        }
        sign = "&" if "?" in description.authorization_endpoint else "?"
        return Sent(f"{description.authorization_endpoint}{sign}{urlencode(query, quote_via=quote)}", cookie)

    async def take_back(
        self, name: str, cookie: str, given: Mapping[str, str], *, redirect_address: str, at: datetime
    ) -> Back:
        """Take a browser back. given: the parameters of its address. Errors: `not-found`,
        `oidc-attempt-unknown`, `oidc-refused`, `oidc-unreachable`, `oidc-answer-unfit`, `oidc-unlinked`."""
        client, state = self._client(name), given.get("state", "")
        values = {
            "state_hash": hash_secret(state),
            "cookie_hash": hash_secret(cookie),
            "administration_id": self._administration_id,
            "provider": name,
            "at": at,
        }
        async with self._database.write() as connection:
            row = await NAMED.select_one(connection, "use_attempt", values, _AttemptRow)
        if row is None:
            raise SeraiError(
                "oidc-attempt-unknown",
                "Nobody was sent from this browser to this provider, or it is more than ten minutes ago.",
                "Begin to sign in again.",
            )
        description = await client.describe()
        # RFC 9207: an answer says whose it is, so that none is taken for another's.
        said = given.get("iss")
        if (said is None and description.authorization_response_iss_parameter_supported) or (
            said is not None and said != client.provider.issuer
        ):
            raise refused()
        code = given.get("code", "")
        if "error" in given or not 0 < len(code) <= _PARAMETER_LENGTH_MAX:
            raise refused()
        identity = await client.exchange(
            code,
            verifier=_derive("verifier", cookie, state),
            nonce=_derive("nonce", cookie, state),
            redirect_address=redirect_address,
            at=at,
        )
        async with self._database.write() as connection:
            account_id = await find_account_id(
                connection,
                administration_id=self._administration_id,
                issuer=identity.issuer,
                subject=identity.subject,
            )
        if account_id is None:
            raise SeraiError(
                "oidc-unlinked",
                MessageText(
                    "No account here is linked with you at {provider}.", provider=client.provider.title
                ),
                MessageText(
                    "Ask your administration to link it: at {name} you are the subject {subject}.",
                    name=name,
                    subject=identity.subject,
                ),
            )
        return Back(account_id, identity.is_strong, row.next_address)

    def _client(self, name: str) -> ProviderClient:
        client = self._clients.get(name)
        if client is None:
            raise SeraiError("not-found", "There is no such provider.", "Start from the page to sign in.")
        return client


def _derive(use: str, cookie: str, state: str) -> str:
    """Make what one attempt needs of what its browser holds: nothing secret of it lies in the database."""
    made = hashlib.blake2b(f"{cookie} {state}".encode(), digest_size=32, person=f"oidc-{use}".encode())
    return base64.urlsafe_b64encode(made.digest()).rstrip(b"=").decode()


def _challenge(verifier: str) -> str:
    """RFC 7636, 4.2."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
