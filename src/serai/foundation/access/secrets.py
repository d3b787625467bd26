"""Bearer secrets: API keys, page sessions, one-use links. Stored as BLAKE2b hashes only.

A secret is 32 random bytes, so a fast hash is right: there is nothing to guess. Passwords: `passwords.py`.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

import msgspec

SECRET_BYTES: Final = 32
_FORM_TOKEN_BYTES: Final = 24
KEY_PATTERN: Final = re.compile(r"serai_([0-9a-f]{1,16})_([0-9A-Za-z_-]{43})")


class NewKey(msgspec.Struct, frozen=True):
    """A key at the moment of its making: the only time its text is known."""

    key_id: int
    text: str
    key_hash: bytes


def make_key(key_id: int) -> NewKey:
    """Make an API key `serai_<keyid>_<secret>`; store `key_id` and `key_hash`, show `text` once."""
    secret = make_token()
    return NewKey(key_id, f"serai_{key_id:x}_{secret}", hash_secret(secret))


def key_of_text(text: str) -> NewKey:
    """Return the key whose text is known already."""
    parts = split_key(text)
    assert parts is not None, "no text of a key"
    return NewKey(parts[0], text, hash_secret(parts[1]))


def split_key(text: str) -> tuple[int, str] | None:
    """Return (key_id, secret), or None when `text` does not look like a key."""
    found = KEY_PATTERN.fullmatch(text)
    # An id is a positive 63-bit number; a larger one cannot be stored, so it cannot be a key.
    return (int(found[1], 16), found[2]) if found and int(found[1], 16) < 1 << 63 else None


def make_token() -> str:
    """Make the token of a session or a one-use link: 32 random bytes as base64url."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> bytes:
    """Hash for storing, 32 bytes of BLAKE2b."""
    return hashlib.blake2b(secret.encode(), digest_size=32, person=b"serai-secret").digest()


def secret_matches(secret: str, secret_hash: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(hash_secret(secret), secret_hash)


def form_token(session_token: str) -> str:
    """Derive the token a form must carry from the session cookie, which other sites cannot read.

    It is masked anew each time: no two pages say it alike, so that the length of packed pages tells nothing
    of it (BREACH).
    """
    mask = secrets.token_bytes(_FORM_TOKEN_BYTES)
    return (mask + _xor(mask, _derived(session_token))).hex()


def form_token_matches(session_token: str, given: str) -> bool:
    """Compare in constant time; any text may be given."""
    try:
        sent = bytes.fromhex(given) if given.isascii() else b""
    except ValueError:
        sent = b""
    if len(sent) != 2 * _FORM_TOKEN_BYTES:
        return False
    plain = _xor(sent[:_FORM_TOKEN_BYTES], sent[_FORM_TOKEN_BYTES:])
    return hmac.compare_digest(_derived(session_token), plain)


def _derived(session_token: str) -> bytes:
    return hashlib.blake2b(
        session_token.encode(), digest_size=_FORM_TOKEN_BYTES, person=b"serai-form-tokn"
    ).digest()


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(first, second, strict=True))
