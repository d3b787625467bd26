"""JSON Web Signatures in compact form (RFC 7515), with Ed25519 alone (RFC 8037): no algorithm to choose, so
none to talk a reader into.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ALGORITHM = "EdDSA"


class SignsBytes(Protocol):
    """Holds an Ed25519 key somewhere else."""

    def sign(self, content: bytes, /) -> bytes:
        """Return the signature of the content, 64 bytes."""
        ...


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The protected header. kid: names the key. typ: what was signed, so that one kind is not taken for
    another. A parameter we do not know is refused: it could change the meaning (`crit`, `b64`).
    """

    alg: str
    kid: str
    typ: str


class SignedContent(msgspec.Struct, frozen=True):
    """A signature taken apart, nothing verified yet."""

    header: Header
    payload: bytes
    signed: bytes
    signature: bytes

    def is_signed_by(self, public_key: bytes) -> bool:
        """Say whether the holder of this key (32 bytes) signed it."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(self.signature, self.signed)
        except InvalidSignature:
            return False
        return True


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
    header = msgspec.json.encode(Header(ALGORITHM, kid, typ))
    signed = f"{encode_part(header)}.{encode_part(payload)}"
    return f"{signed}.{encode_part(signer.sign(signed.encode()))}"


def read_compact(text: str) -> SignedContent | None:
    """Take a compact signature apart; None where it is none, or says another algorithm than ours."""
    parts = text.strip().split(".")
    if len(parts) != 3:
        return None
    decoded = [decode_part(part) for part in parts]
    if any(one is None for one in decoded):
        return None
    head, payload, signature = (one or b"" for one in decoded)
    try:
        header = msgspec.json.decode(head, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if header.alg != ALGORITHM or len(signature) != 64:
        return None
    return SignedContent(header, payload, ".".join(parts[:2]).encode(), signature)


def publish_key(public_key: bytes, kid: str) -> PublishedKey:
    """Return a raw public key, 32 bytes, as others verify with it."""
    return PublishedKey(kid, encode_part(public_key))


def encode_part(content: bytes) -> str:
    """Write bytes in base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_part(text: str) -> bytes | None:
    """Read base64url without padding; None unless it is the one way to write these bytes."""
    try:
        content = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (Base64Error, ValueError):
        return None
    return content if encode_part(content) == text else None
