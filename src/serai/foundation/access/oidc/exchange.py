"""What is asked of a provider: its description and keys, and what a code stands for. Answers are bounded in
time and size, redirects are not followed, and every claim is held against what was asked."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx2
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from serai.foundation.access.oidc.providers import Provider, is_safe_address
from serai.model.errors import SeraiError

ALGORITHMS: Final = ("EdDSA", "Ed25519", "ES256", "ES384", "PS256", "RS256")
SKEW_S: Final = 60
_ANSWER_BYTES_MAX: Final = 256 * 1024
_PATIENCE_S: Final = 10.0
_KNOWN_FOR_S: Final = 3_600.0
_ASKED_AGAIN_S: Final = 60.0
_DESCRIPTION: Final = "/.well-known/openid-configuration"


class _Description(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str


class Identity(msgspec.Struct, frozen=True):
    """Who has signed in. is_strong: the provider says that a second factor was shown."""

    issuer: str
    subject: str
    is_strong: bool


class ProviderClient:
    """Speaks with one provider; remembers its description and keys for an hour."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._turn = asyncio.Lock()
        self._description: tuple[float, _Description] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def describe(self) -> _Description:
        """Return what it says of itself. Errors: `oidc-unreachable`, `oidc-answer-unfit`."""
        async with self._turn:
            known = self._description
            if known is None or time.monotonic() - known[0] >= _KNOWN_FOR_S:
                found = self._read(
                    await self._ask("GET", self.provider.issuer.rstrip("/") + _DESCRIPTION), _Description
                )
                if found.issuer != self.provider.issuer:
                    raise _unfit("The provider describes another issuer than itself.")
                for one in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
                    if not is_safe_address(one, self.provider.issuer):
                        raise _unfit("The provider names an address that is not safe.")
                known = self._description = time.monotonic(), found
            return known[1]

    async def exchange(
        self, code: str, *, verifier: str, nonce: str, redirect_address: str, at: datetime
    ) -> Identity:
        """Exchange a code for who has signed in. Errors: `oidc-unreachable`, `oidc-answer-unfit`,
        `oidc-refused`."""
        description = await self.describe()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_address,
            "code_verifier": verifier,
            "client_id": self.provider.client_id,
        }
        secret, auth = self.provider.read_secret(), None
        if secret and "client_secret_basic" in description.token_endpoint_auth_methods_supported:
            auth = httpx2.BasicAuth(self.provider.client_id, secret)
        elif secret:
            form["client_secret"] = secret
        tokens = self._read(
            await self._ask("POST", description.token_endpoint, form=form, auth=auth), _Tokens
        )
        return await self._verify(tokens.id_token, nonce, at)

    async def _verify(self, id_token: str, nonce: str, at: datetime) -> Identity:
        claims = await self._claims(id_token)
        registry = jwt.JWTClaimsRegistry(
            now=int(at.timestamp()),
            leeway=SKEW_S,
            iss={"essential": True, "value": self.provider.issuer},
            aud={"essential": True, "value": self.provider.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            registry.validate(claims)
        except (JoseError, ValueError, TypeError) as fault:
            raise _unfit("A claim of the provider's answer is not what was asked for.") from fault
        subject, audience = claims["sub"], claims["aud"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
            raise _unfit("The provider's answer names no person.")
        if claims.get("azp", self.provider.client_id) != self.provider.client_id or (
            isinstance(audience, list) and len(audience) > 1 and "azp" not in claims
        ):
            raise _unfit("The provider's answer is for another client.")
        return Identity(self.provider.issuer, subject, self._is_strong(claims))

    def _is_strong(self, claims: Mapping[str, Any]) -> bool:
        methods = claims.get("amr")
        shown = (
            set(methods)
            if isinstance(methods, list) and all(isinstance(one, str) for one in methods)
            else set()
        )
        return bool(shown & set(self.provider.second_factor_methods)) or (
            claims.get("acr") in self.provider.second_factor_classes
        )

    async def _claims(self, id_token: str) -> dict[str, Any]:
        for is_again in (False, True):
            keys = await self._find_keys(is_again=is_again)
            try:
                return dict(jwt.decode(id_token, keys, algorithms=list(ALGORITHMS)).claims)
            except (JoseError, ValueError, TypeError, KeyError) as fault:
                # A provider changes its keys now and then: they are asked for once more, at most each minute.
                if is_again or self._has_just_asked():
                    raise _unfit("The provider's answer is not signed with its key.") from fault
        raise AssertionError("it was told or raised")

    def _has_just_asked(self) -> bool:
        return self._keys is not None and time.monotonic() - self._keys[0] < _ASKED_AGAIN_S

    async def _find_keys(self, *, is_again: bool) -> KeySet:
        description = await self.describe()
        async with self._turn:
            known = self._keys
            if known is None or is_again or time.monotonic() - known[0] >= _KNOWN_FOR_S:
                tree = self._read(await self._ask("GET", description.jwks_uri), dict[str, Any])
                try:
                    # Symmetric keys have no place here: whoever knows one could sign with it.
                    public = [one for one in tree["keys"] if one.get("kty") in {"RSA", "EC", "OKP"}]
                    known = self._keys = time.monotonic(), KeySet.import_key_set({"keys": public})
                except (JoseError, ValueError, TypeError, KeyError, AttributeError) as fault:
                    raise _unfit("The provider's keys cannot be read.") from fault
            return known[1]

    def _read(self, content: bytes, kind: Any) -> Any:
        try:
            return msgspec.json.decode(content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            raise _unfit("What the provider says cannot be read.") from fault

    async def _ask(
        self, method: str, url: str, *, form: Mapping[str, str] | None = None, auth: Any = None
    ) -> bytes:
        headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "Serai/1"}
        content = bytearray()
        try:
            async with (
                asyncio.timeout(_PATIENCE_S),
                httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=_PATIENCE_S) as client,
                client.stream(method, url, data=form, auth=auth, headers=headers) as answer,
            ):
                async for piece in answer.aiter_raw():
                    content += piece
                    if len(content) > _ANSWER_BYTES_MAX:
                        raise _unfit("The provider says too much at once.")
        except (TimeoutError, httpx2.HTTPError, OSError) as fault:
            raise SeraiError(
                "oidc-unreachable",
                "The provider at which you sign in does not answer.",
                "Try again in a minute, or sign in here with your password.",
            ) from fault
        if 400 <= answer.status_code < 500 and method == "POST":
            raise refused()
        if answer.status_code != 200:
            raise _unfit("The provider answers with an error.")
        return bytes(content)


def refused() -> SeraiError:
    """Return that a provider lets nobody in by what was sent."""
    return SeraiError(
        "oidc-refused",
        "The provider did not let you in, or this answer of it was used before.",
        "Begin to sign in again.",
    )


def _unfit(message: str) -> SeraiError:
    return SeraiError(
        "oidc-answer-unfit", message, "Begin to sign in again; if it stays so, tell your administration."
    )
