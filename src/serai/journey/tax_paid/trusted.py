"""Keys and status lists that a checker trusts, as they are published: JSON Web Keys, signed status lists."""

import datetime as dt
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from serai.foundation.jws import SignsBytes, read_compact, sign_compact
from serai.journey.tax_paid.status_list import StatusList, decode_list, encode_list
from serai.model.errors import SeraiError

LIST_TYPE: Final = "statuslist+jwt"
_KEY_BYTES: Final = 32


class TrustedKey(msgspec.Struct, frozen=True):
    """A key that signs. issuer, administration_code: the only ones it signs for; empty: the set says none.
    valid_from, valid_to: seconds since 1970; None: no end is known."""

    kid: str
    public_key: bytes
    verifier: Ed25519PublicKey
    issuer: str = ""
    administration_code: str = ""
    valid_from: int = 0
    valid_to: int | None = None

    def is_in_force(self, at_s: int) -> bool:
        """Say whether what it signs is believed at an instant."""
        return self.valid_from <= at_s and (self.valid_to is None or at_s < self.valid_to)


class _Jwk(msgspec.Struct, frozen=True):
    kid: str
    kty: str
    crv: str = ""
    x: str = ""
    use: str = "sig"
    iss: str = ""
    adm: str = ""


class _JwkSet(msgspec.Struct, frozen=True):
    keys: list[_Jwk]


def trust(
    kid: str,
    public_key: bytes,
    *,
    issuer: str = "",
    administration_code: str = "",
    valid_from: int = 0,
    valid_to: int | None = None,
) -> TrustedKey:
    """Make ready a raw public key, 32 bytes. Others as in `TrustedKey`."""
    verifier = Ed25519PublicKey.from_public_bytes(public_key)
    return TrustedKey(kid, public_key, verifier, issuer, administration_code, valid_from, valid_to)


def read_key_set(content: bytes) -> dict[str, TrustedKey]:
    """Read a JSON Web Key Set (RFC 7517), or one key of it; keys of other kinds are left out.

    Two members of ours, `iss` and `adm`, bind a key to an issuer and to an administration. Raises SeraiError
    `token-keys-unreadable`: it is none, has no key of Ed25519, or two of one name.
    """
    try:
        try:
            listed = msgspec.json.decode(content, type=_JwkSet).keys
        except msgspec.ValidationError:
            listed = [msgspec.json.decode(content, type=_Jwk)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise _unreadable("The file of keys cannot be used: it is no JSON Web Key Set.") from fault
    keys = [one for one in listed if (one.kty, one.crv, one.use) == ("OKP", "Ed25519", "sig")]
    if not keys:
        raise _unreadable("The file of keys cannot be used: it holds no key of Ed25519.")
    if len({one.kid for one in keys}) != len(keys):
        raise _unreadable("The file of keys cannot be used: two keys in it have one name.")
    return {one.kid: _trust_jwk(one) for one in keys}


def _trust_jwk(one: _Jwk) -> TrustedKey:
    try:
        raw = urlsafe_b64decode(one.x + "=" * (-len(one.x) % 4))
    except ValueError as fault:
        raise _unreadable("The file of keys cannot be used: a key in it is not in base64url.") from fault
    if len(raw) != _KEY_BYTES:
        raise _unreadable("The file of keys cannot be used: a key in it is not of 32 bytes.")
    return trust(one.kid, raw, issuer=one.iss, administration_code=one.adm)


def _unreadable(why: str) -> SeraiError:
    return SeraiError(
        "token-keys-unreadable",
        why,
        "Fetch it again from the administration that issues the tokens.",
    )


# ---- status lists ----

_Seconds = Annotated[int, Meta(ge=0, lt=1 << 40)]


class _ListClaim(msgspec.Struct, frozen=True):
    bits: int
    lst: str


class _ListPayload(msgspec.Struct, frozen=True, omit_defaults=True):
    sub: str
    iat: _Seconds
    status_list: _ListClaim
    exp: _Seconds | None = None
    ttl: _Seconds | None = None


class SignedList(msgspec.Struct, frozen=True):
    """A status list whose signature was verified. uri: what tokens call it. ends_at: seconds since 1970;
    None: it says no end."""

    uri: str
    statuses: StatusList
    issued_at: int
    ends_at: int | None
    kid: str


def sign_list(
    statuses: StatusList,
    *,
    uri: str,
    issued_at: dt.datetime,
    ends_at: dt.datetime,
    fetch_again_s: int,
    signer: SignsBytes,
    kid: str,
) -> str:
    """Sign a list as a status list token. fetch_again_s: after so long readers should ask for a newer one."""
    claim = _ListClaim(statuses.bits, encode_list(statuses))
    payload = _ListPayload(uri, int(issued_at.timestamp()), claim, int(ends_at.timestamp()), fetch_again_s)
    return sign_compact(msgspec.json.encode(payload), signer, kid=kid, typ=LIST_TYPE)


def read_lists(tokens: Iterable[str], keys: dict[str, TrustedKey]) -> dict[str, SignedList]:
    """Read status list tokens, the newest of each address. Raises SeraiError: `status-list-unreadable`, or
    `status-list-untrusted` where no key at hand signed it."""
    found: dict[str, SignedList] = {}
    for token in tokens:
        one = read_list(token, keys)
        if one.uri not in found or one.issued_at > found[one.uri].issued_at:
            found[one.uri] = one
    return found


def read_list(token: str, keys: dict[str, TrustedKey]) -> SignedList:
    """Read one status list token, as `read_lists` does."""
    signed = read_compact(token)
    if signed is None or signed.typ != LIST_TYPE:
        raise _no_list()
    key = keys.get(signed.kid)
    if key is None or not signed.is_signed_by(key.public_key):
        raise SeraiError(
            "status-list-untrusted",
            "No key at hand signed this status list.",
            "Fetch list and keys again from the administration that issues the tokens.",
        )
    try:
        payload = msgspec.json.decode(signed.payload, type=_ListPayload)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise _no_list() from fault
    statuses = decode_list(payload.status_list.bits, payload.status_list.lst)
    return SignedList(payload.sub, statuses, payload.iat, payload.exp, signed.kid)


def _no_list() -> SeraiError:
    return SeraiError(
        "status-list-unreadable",
        "This is no signed status list.",
        "Fetch it again from the address that the tokens name.",
    )
