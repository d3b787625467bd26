"""Machines that sign instead of showing a secret: assertions (RFC 7523) give tokens of a few minutes.

What is wrong with an assertion is told by a word of RFC 6749; neither it nor a token is ever logged.
"""

import base64
import binascii
import hashlib
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from serai.foundation.access import store
from serai.foundation.access.actor import Actor
from serai.foundation.access.recognition import KeyDirectory
from serai.foundation.database import Database
from serai.foundation.sealed_secrets import SecretSeal
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

TOKEN_LASTS: Final = timedelta(minutes=10)
SKEW: Final = timedelta(seconds=60)
"""How far the clock of a machine may be off."""
ASSERTION_LASTS_MAX: Final = timedelta(minutes=10)
TOKEN_PREFIX: Final = "serai-token."  # noqa: S105 - how tokens begin
ALGORITHMS: Final = ("EdDSA", "Ed25519", "ES256", "ES384", "PS256", "RS256")
ASSERTION_BYTES_MAX: Final = 4_096
_RSA_BITS_MIN: Final = 2_048
_JTI_LENGTH_MAX: Final = 255
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CONTEXT: Final = b"access-token"


class _Content(msgspec.Struct, frozen=True):
    key_id: int
    scopes: list[str]
    expires_at: datetime


class Token(msgspec.Struct, frozen=True):
    """A token of a few minutes. text: shown once; scopes: what it may be used for."""

    text: str
    scopes: list[str]
    lasts: timedelta


class ClientRefusedError(SeraiError):
    """Code `client-refused`. error: the word of RFC 6749, 5.2."""

    def __init__(self, error: str, message: str, next_step: str) -> None:
        super().__init__("client-refused", message, next_step)
        self.error = error


def fit_jwk(jwk: dict[str, str]) -> str:
    """Return a public key as it is kept. Error: `jwk-unfit`: another kind, too short, or a private key."""
    if _PRIVATE & jwk.keys():
        raise _unfit_jwk(
            "This key cannot be registered. It holds a private key, which nobody else may see: use another"
            " pair."
        )
    try:
        with warnings.catch_warnings():
            # It would only warn of a short key, which is refused below.
            warnings.simplefilter("ignore", SecurityWarning)
            key = _key(jwk)
        if isinstance(key, RSAKey) and key.public_key.key_size < _RSA_BITS_MIN:
            raise _unfit_jwk(
                MessageText(
                    "This key cannot be registered. An RSA key has {bits} bits or more.",
                    bits=str(_RSA_BITS_MIN),
                )
            )
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise _unfit_jwk(
            "This key cannot be registered. It is no public key of Ed25519, P-256, P-384 or RSA."
        ) from fault
    return msgspec.json.encode(jwk).decode()


class ClientCredentials:
    """Gives tokens for assertions, and reads them. seal: of tokens, shared by all processes of the node."""

    def __init__(
        self, database: Database, keys: KeyDirectory, seal: SecretSeal, *, administration_id: int
    ) -> None:
        self._database = database
        self._keys = keys
        self._seal = seal
        self._administration_id = administration_id

    async def exchange(
        self, assertion: str, audiences: frozenset[str], scope: str, at: datetime, monotonic_s: float
    ) -> Token:
        """Return a token for an assertion, which counts once. audiences: for whom it may be made out; scope:
        what is asked for, "" is all that the key may. Raises ClientRefusedError."""
        key_id = _client_of(assertion)
        try:
            found = await self._keys.find_signing(key_id, at, monotonic_s)
        except SeraiError as error:
            raise _refused(error.texts[0]) from error
        if found is None:
            raise _refused("No client of this number signs here.")
        row, actor = found
        claims = _claims_of(assertion, row)
        expires_at = _check(claims, row.key_id, audiences, at)
        async with self._database.write() as connection:
            values = {
                "key_id": row.key_id,
                "administration_id": self._administration_id,
                "jti_hash": hashlib.sha256(str(claims["jti"]).encode()).digest(),
                "expires_at": expires_at + SKEW,
            }
            if not await store.execute(connection, "use_assertion", values):
                raise _refused("This assertion was used before (jti).")
        wanted = frozenset(scope.split()) or actor.scopes
        if not wanted <= actor.scopes:
            raise ClientRefusedError(
                "invalid_scope",
                "The key of this client may not be used for all of this.",
                MessageText("Ask for some of: {listed}.", listed=" ".join(sorted(actor.scopes))),
            )
        content = _Content(row.key_id, sorted(wanted), at + TOKEN_LASTS)
        sealed = self._seal.seal(msgspec.json.encode(content).decode(), _CONTEXT)
        text = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
        return Token(TOKEN_PREFIX + text, content.scopes, TOKEN_LASTS)

    async def find_actor(self, text: str, at: datetime, monotonic_s: float) -> Actor:
        """Return whom a token stands for. A key that is revoked opens nothing by its tokens either.

        Errors: `token-unknown`, `token-expired`, `key-revoked`, `key-expired`.
        """
        content = self._open(text)
        if content.expires_at <= at:
            raise SeraiError("token-expired", "This token has expired.", "Exchange another assertion.")
        found = await self._keys.find_signing(content.key_id, at, monotonic_s)
        if found is None:
            raise _unknown_token()
        actor = found[1]
        return msgspec.structs.replace(actor, scopes=actor.scopes & frozenset(content.scopes))

    def _open(self, text: str) -> _Content:
        body = text.removeprefix(TOKEN_PREFIX)
        try:
            sealed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
            return msgspec.json.decode(self._seal.open(sealed, _CONTEXT), type=_Content)
        except (SeraiError, binascii.Error, ValueError, OverflowError) as fault:
            raise _unknown_token() from fault


def _key(jwk: dict[str, str]) -> OKPKey | ECKey | RSAKey:
    said: dict[str, str | list[str]] = {**jwk}
    match jwk["kty"]:
        case "OKP":
            return OKPKey.import_key(said)
        case "EC":
            return ECKey.import_key(said)
        case "RSA":
            return RSAKey.import_key(said)
    raise ValueError("another kind of key")


def _client_of(assertion: str) -> int:
    """Return which client an assertion says that it is of; nothing is proven yet."""
    parts = assertion.split(".")
    try:
        if len(assertion) > ASSERTION_BYTES_MAX or len(parts) != 3:
            raise ValueError("no assertion")
        body = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = msgspec.json.decode(body, type=dict[str, Any])
        number = int(str(claims["sub"]), 16)
    except (ValueError, KeyError, UnicodeError) as fault:
        raise _refused("This is no assertion of a client (RFC 7523).") from fault
    return number if 0 < number < 1 << 63 else 0


def _claims_of(assertion: str, row: store.KeyRow) -> dict[str, Any]:
    key = _key(msgspec.json.decode(row.jwk or "{}", type=dict[str, str]))
    try:
        # EdDSA is the older name of Ed25519 (RFC 9864), which most libraries still write.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            return dict(jwt.decode(assertion, key, algorithms=list(ALGORITHMS)).claims)
    except (JoseError, ValueError, TypeError) as fault:
        raise _refused("The assertion is not signed with the key of this client.") from fault


def _check(claims: dict[str, Any], key_id: int, audiences: frozenset[str], at: datetime) -> datetime:
    """Return until when an assertion is good (RFC 7523, section 3)."""
    client = f"{key_id:x}"
    if claims.get("iss") != client or claims.get("sub") != client:
        raise _refused("Issuer and subject of the assertion are both the client (iss, sub).")
    said = claims.get("aud")
    for_whom = frozenset(said if isinstance(said, list) else [said])
    if not for_whom <= audiences:
        raise _refused("The assertion is made out to somebody else (aud).")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _JTI_LENGTH_MAX:
        raise _refused("The assertion has no number of its own (jti).")
    expires_at = _instant(claims, "exp")
    if expires_at is None or expires_at <= at - SKEW:
        raise _refused("The assertion has expired (exp); look at the clock of the machine.")
    if expires_at > at + ASSERTION_LASTS_MAX + SKEW:
        raise _refused("The assertion is good for too long (exp): at most ten minutes.")
    for name in ("iat", "nbf"):
        begins = _instant(claims, name)
        if begins is not None and begins > at + SKEW:
            raise _refused(
                MessageText(
                    "The assertion begins later ({name}); look at the clock of the machine.", name=name
                )
            )
    return expires_at


def _instant(claims: dict[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("no number")
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise _refused(MessageText("This is no instant ({name}).", name=name)) from fault


def _refused(message: str) -> ClientRefusedError:
    return ClientRefusedError("invalid_client", message, "Sign a new assertion, as RFC 7523 says.")


def _unknown_token() -> SeraiError:
    return SeraiError("token-unknown", "No such token is known here.", "Exchange an assertion for another.")


def _unfit_jwk(message: str) -> SeraiError:
    return SeraiError(
        "jwk-unfit",
        message,
        "Send a public key as a JWK (RFC 7517).",
    )
