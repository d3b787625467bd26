"""JSON Web Signatures in compact form (RFC 7515) by joserfc, with Ed25519 alone (RFC 9864): no algorithm to
choose, so none to talk a reader into.
"""

from typing import Any, ClassVar, Final, Protocol, TypeVar

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.registry import HeaderParameter, HeaderRegistryDict
from joserfc.util import urlsafe_b64encode

_Key = TypeVar("_Key", bound=OKPKey)
ALGORITHM: Final = "Ed25519"
_CHARACTERS_MAX: Final = 1 << 20


class SignsBytes(Protocol):
    """Holds an Ed25519 key somewhere else."""

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""

    def sign(self, content: bytes, /) -> bytes:
        """Return the signature of the content, 64 bytes."""
        ...


def _is_text(value: object) -> None:
    if not isinstance(value, str):
        raise ValueError("not a text")


class _Registry(jws.JWSRegistry):
    """The protected header says these three and no more: another parameter could change the meaning (`crit`,
    `b64`), or name a key of its own (`jwk`).
    """

    default_header_registry: ClassVar[HeaderRegistryDict] = {  # type: ignore[misc]
        "alg": HeaderParameter("Algorithm", _is_text, required=True),
        "kid": HeaderParameter("Which key", _is_text, required=True),
        "typ": HeaderParameter("What was signed: one kind is not another", _is_text, required=True),
    }
    max_payload_length = _CHARACTERS_MAX


_REGISTRY: Final = _Registry(algorithms=[ALGORITHM])


class _HeldElsewhere(OKPKey):
    """A key whose private half only its holder has."""

    holder: SignsBytes

    def get_op_key(self, operation: Any) -> Any:
        return self.holder if operation == "sign" else super().get_op_key(operation)


class SignedContent(msgspec.Struct, frozen=True):
    """A signature taken apart, nothing verified yet. kid: names the key. typ: what was signed."""

    kid: str
    typ: str
    payload: bytes
    whole: jws.CompactSignature

    def is_signed_by(self, public_key: bytes) -> bool:
        """Say whether the holder of this key (32 bytes) signed it."""
        return jws.validate_compact(self.whole, _import_key(OKPKey, public_key), registry=_REGISTRY)


class PublishedKey(msgspec.Struct, frozen=True):
    """A public key as a JSON Web Key (RFC 7517, RFC 8037 section 2)."""

    kid: str
    x: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    alg: str = ALGORITHM
    use: str = "sig"


def sign_compact(payload: bytes, signer: SignsBytes, *, kid: str, typ: str) -> str:
    """Return payload and signature as one word of three parts."""
    key = _import_key(_HeldElsewhere, signer.public_key)
    key.holder = signer
    return jws.serialize_compact({"alg": ALGORITHM, "kid": kid, "typ": typ}, payload, key, registry=_REGISTRY)


def read_compact(text: str) -> SignedContent | None:
    """Take a compact signature apart; None where it is none, or says another algorithm than ours."""
    try:
        whole = jws.extract_compact(text.strip().encode(), registry=_REGISTRY)
        header = whole.headers()
        _REGISTRY.check_header(header)
        _REGISTRY.get_alg(header["alg"])
    except (JoseError, ValueError):
        return None
    return SignedContent(header["kid"], header["typ"], whole.payload, whole)


def publish_key(public_key: bytes, kid: str) -> PublishedKey:
    """Return a raw public key, 32 bytes, as others verify with it."""
    return PublishedKey(kid, encode_part(public_key))


def encode_part(content: bytes) -> str:
    """Write bytes in base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(content).decode()


def _import_key(kind: type[_Key], public_key: bytes) -> _Key:
    return kind.import_key({"kty": "OKP", "crv": "Ed25519", "x": encode_part(public_key)})
