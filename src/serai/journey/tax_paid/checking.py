"""Tokens checked offline, one or many: by public keys and status lists at hand, with every reason at once."""

import datetime as dt
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature

from serai.foundation.jws import read_compact
from serai.journey.tax_paid.goods import Declared, Mismatch, Tolerance, find_mismatches
from serai.journey.tax_paid.status_list import REVOKED, SUSPENDED, USED, VALID
from serai.journey.tax_paid.token import TOKEN_CHARACTERS_MAX, TYPE, TaxPaid, decode_claims
from serai.journey.tax_paid.trusted import SignedList, TrustedKey

Reason = Literal[
    "unreadable",
    "other-kind",
    "unknown-key",
    "forged",
    "other-issuer",
    "other-administration",
    "expired-key",
    "not-yet-valid",
    "expired",
    "status-unknown",
    "status-list-expired",
    "used",
    "revoked",
    "suspended",
    "other-goods",
]
LEEWAY_S: Final = 300
"""Clocks at a border and at an issuer differ by so much at most."""
_PARTS: Final = 3
_HEADERS_COUNT_MAX: Final = 1_000
_URL_SIGNS: Final = str.maketrans("-_", "+/")
_STATUS_REASONS: Final[Mapping[int, Reason]] = {REVOKED: "revoked", SUSPENDED: "suspended", USED: "used"}


class TokenVerdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said of a token. reasons: why it is not valid, each; none: it is. claims: what it says, where
    its signature is good. mismatches: how the goods differ, of `other-goods`."""

    reasons: tuple[Reason, ...] = ()
    claims: TaxPaid | None = None
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Say whether it may be taken as proof, and used up."""
        return not self.reasons


class TokenChecker:
    """Checks tokens for one administration; keeps nothing of them but the headers that it has seen."""

    def __init__(
        self,
        keys: Mapping[str, TrustedKey],
        lists: Mapping[Any, SignedList],
        *,
        administration_code: str,
        leeway_s: int = LEEWAY_S,
    ) -> None:
        """Make ready. keys: by `kid`. lists: by address, or by issuer and address. administration_code: whose
        border it is."""
        self._keys = keys
        self._lists = lists
        self._administration_code = administration_code
        self._leeway_s = leeway_s
        self._headers: dict[str, tuple[str, str]] = {}

    def check_many(
        self,
        tokens: Sequence[str],
        at: dt.datetime,
        declared: Sequence[Declared | None] | None = None,
        tolerance: Tolerance | None = None,
    ) -> list[TokenVerdict]:
        """Check tokens in order. declared: as long; None at a place: no goods are compared."""
        if declared is None:
            return [self.check(token, at) for token in tokens]
        return [self.check(one, at, goods, tolerance) for one, goods in zip(tokens, declared, strict=True)]

    def check(
        self,
        token: str,
        at: dt.datetime,
        declared: Declared | None = None,
        tolerance: Tolerance | None = None,
    ) -> TokenVerdict:
        """Check one token as it was read from its code. declared: the goods in front of the officer; it needs
        the tolerance that the administration's law allows. Never raises on any text.

        Whether this token was used a moment ago at another door, no list says: whoever takes it as proof
        records its `use_key` where that can be done once only.
        """
        verified = self._verify(token)
        if isinstance(verified, str):
            return TokenVerdict((verified,))
        payload, key = verified
        claims = decode_claims(payload)
        if claims is None:
            return TokenVerdict(("unreadable",))
        reasons = [*self._find_reasons(claims, key, int(at.timestamp()))]
        mismatches: list[Mismatch] = []
        if declared is not None:
            assert tolerance is not None, "goods are compared by a tolerance of the law"
            mismatches = find_mismatches(claims, declared, tolerance)
            if mismatches:
                reasons.append("other-goods")
        return TokenVerdict(tuple(reasons), claims, tuple(mismatches))

    def _verify(self, token: str) -> tuple[bytes, TrustedKey] | Reason:
        """Return payload and key of a token that is signed; else why it is not taken as one."""
        parts = token.strip().split(".") if len(token) <= TOKEN_CHARACTERS_MAX + 2 else []
        if len(parts) != _PARTS or not token.isascii():
            return "unreadable"
        key = self._find_key(token, parts[0])
        if not isinstance(key, TrustedKey):
            return key
        try:
            payload, signature = _decode_part(parts[1]), _decode_part(parts[2])
            key.verifier.verify(signature, f"{parts[0]}.{parts[1]}".encode())
        except Base64Error:
            return "unreadable"
        except InvalidSignature:
            return "forged"
        return payload, key

    def _find_key(self, token: str, header_part: str) -> TrustedKey | Reason:
        """Return the key that a token names, or why there is none."""
        header = self._headers.get(header_part) or self._read_header(token, header_part)
        if header is None:
            return "unreadable"
        kid, kind = header
        if kind != TYPE:
            return "other-kind"
        return self._keys.get(kid) or "unknown-key"

    def _read_header(self, token: str, part: str) -> tuple[str, str] | None:
        """Read a header by the rules that all our signatures are read by; an issuer has few of them."""
        signed = read_compact(token)
        if signed is None:
            return None
        if len(self._headers) < _HEADERS_COUNT_MAX and signed.kid in self._keys:
            self._headers[part] = (signed.kid, signed.typ)
        return signed.kid, signed.typ

    def _find_reasons(self, claims: TaxPaid, key: TrustedKey, at_s: int) -> list[Reason]:
        found: list[Reason] = []
        if key.issuer and key.issuer != claims.issuer:
            found.append("other-issuer")
        is_bound = key.administration_code in {"", claims.administration_code}
        if claims.administration_code != self._administration_code or not is_bound:
            found.append("other-administration")
        if not key.is_in_force(at_s):
            found.append("expired-key")
        if claims.issued_at > at_s + self._leeway_s:
            found.append("not-yet-valid")
        if claims.expires_at + self._leeway_s <= at_s:
            found.append("expired")
        status = self._status_reason(claims, key, at_s)
        return found if status is None else [*found, status]

    def _status_reason(self, claims: TaxPaid, key: TrustedKey, at_s: int) -> Reason | None:
        reference = claims.status_reference
        listed = self._lists.get((key.issuer, reference.uri)) or self._lists.get(reference.uri)
        # Who signs a list for one issuer says nothing of another one's tokens.
        if listed is None or not self._is_of(listed, key, at_s):
            return "status-unknown"
        status = listed.statuses.status(reference.idx)
        if status is not None and status != VALID:
            # That it was used stays true however old the list is.
            return _STATUS_REASONS.get(status, "status-unknown")
        if status is None:
            return "status-unknown"
        is_over = listed.ends_at is not None and listed.ends_at + self._leeway_s <= at_s
        return "status-list-expired" if is_over else None

    def _is_of(self, listed: SignedList, key: TrustedKey, at_s: int) -> bool:
        if listed.kid == key.kid:
            return True
        other = self._keys.get(listed.kid)
        whose = (key.issuer, key.administration_code)
        return (
            other is not None
            and other.is_in_force(at_s)
            and (other.issuer, other.administration_code) == whose
        )


def _decode_part(part: str) -> bytes:
    """Read base64url without padding; another sign is refused, not passed over."""
    if "+" in part or "/" in part or "=" in part:
        raise Base64Error("not base64url")
    return b64decode(part.translate(_URL_SIGNS) + "=" * (-len(part) % 4), validate=True)
