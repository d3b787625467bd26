"""The tax-paid token: what is signed of a consignment whose tax and duty were paid before it came.

A JSON Web Token (RFC 7519) in a compact signature (RFC 7515) with Ed25519. Names are short, because the whole
has to fit into a QR code on a parcel; `docs/reference/tax-paid-token.md` has each byte.
"""

import datetime as dt
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from msgspec import Meta, field

from serai.foundation.jws import SignsBytes, sign_compact
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

TYPE: Final = "tax-paid+jwt"
TOKEN_CHARACTERS_MAX: Final = 16_384
QR_CHARACTERS_MAX: Final = 2_331
"""Of version 40 with error correction M, in bytes."""
_ORDER_HASH_BYTES: Final = 8
_TAG_BYTES: Final = 2
_KEY_BYTES: Final = 16
_SCHEME_MARK: Final = b"serai-scheme-tag\x01"
_ORDER_MARK: Final = b"serai-order-hash\x01"

_Text = Annotated[str, Meta(min_length=1, max_length=128)]
_Uri = Annotated[str, Meta(min_length=1, max_length=512)]
_Code = Annotated[str, Meta(pattern=r"\A[0-9]{4,14}\Z")]
_Amount = Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,12})(\.[0-9]{1,4})?\Z")]
_Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
_Seconds = Annotated[int, Meta(ge=0, lt=1 << 40)]
_Sequence = Annotated[int, Meta(ge=1, le=9_999)]
_Grams = Annotated[int, Meta(ge=0, lt=1 << 40)]
_Index = Annotated[int, Meta(ge=0, lt=1 << 40)]


class PaidItem(msgspec.Struct, frozen=True, kw_only=True):
    """A goods item that was paid for. commodity_code: at least four digits. value: decimal, without tax."""

    sequence_number: _Sequence = field(name="n")
    commodity_code: _Code = field(name="hs")
    value: _Amount = field(name="val")
    gross_mass_g: _Grams = field(name="g")


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid, decimals in one currency."""

    currency_code: _Currency = field(name="cur")
    duty: _Amount = field(name="dty")
    tax: _Amount


class StatusReference(msgspec.Struct, frozen=True):
    """Where the token's status stands: which list, at which index."""

    idx: _Index
    uri: _Uri


class _Status(msgspec.Struct, frozen=True):
    status_list: StatusReference


class TaxPaid(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says. issuer: name of the log whose key signs. administration_code: for whose border.

    number: of the token, used once. issued_at, expires_at: seconds since 1970. scheme_code: by which scheme
    it was paid (`ioss`, `voec` ...). scheme_tag: two bytes of a hash of the scheme number, in base 16: enough
    to see that another number is cited, too little to find the number. order_hash: of the order reference.
    currency_code: of the items' values.
    """

    issuer: _Text = field(name="iss")
    administration_code: _Text = field(name="adm")
    number: _Text = field(name="jti")
    issued_at: _Seconds = field(name="iat")
    expires_at: _Seconds = field(name="exp")
    scheme_code: _Text = field(name="sch")
    scheme_tag: Annotated[str, Meta(pattern=r"\A[0-9a-f]{4}\Z")] = field(name="tag")
    order_hash: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{11}\Z")] = field(name="ord")
    currency_code: _Currency = field(name="cur")
    paid: Paid
    items: Annotated[tuple[PaidItem, ...], Meta(min_length=1, max_length=999)] = field(name="itm")
    status: _Status

    @property
    def status_reference(self) -> StatusReference:
        """Where its status stands."""
        return self.status.status_list

    @property
    def use_key(self) -> bytes:
        """Sixteen bytes that a token is used once by: a copy has the same ones."""
        return sha256(f"{len(self.issuer)}:{self.issuer}{self.number}".encode()).digest()[:_KEY_BYTES]


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(TaxPaid)


def make_claims(
    *,
    issuer: str,
    administration_code: str,
    number: str,
    issued_at: dt.datetime,
    expires_at: dt.datetime,
    scheme_code: str,
    scheme_number: str,
    order_reference: str,
    currency_code: str,
    paid: Paid,
    items: tuple[PaidItem, ...],
    status: StatusReference,
) -> TaxPaid:
    """Put together what a token says; scheme number and order reference go in as tag and hash only."""
    return TaxPaid(
        issuer=issuer,
        administration_code=administration_code,
        number=number,
        issued_at=int(issued_at.timestamp()),
        expires_at=int(expires_at.timestamp()),
        scheme_code=scheme_code,
        scheme_tag=tag_of_scheme(administration_code, scheme_code, scheme_number),
        order_hash=hash_of_order(number, order_reference),
        currency_code=currency_code,
        paid=paid,
        items=items,
        status=_Status(status),
    )


def issue_token(claims: TaxPaid, signer: SignsBytes, kid: str) -> str:
    """Sign what a token says. Raises SeraiError `token-too-long`: no reader would take it."""
    payload = _ENCODER.encode(claims)
    # What is signed has to be what a reader takes.
    _DECODER.decode(payload)
    token = sign_compact(payload, signer, kid=kid, typ=TYPE)
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise SeraiError(
            "token-too-long",
            MessageText(
                "The token would have {count} characters; at most {count_max} are read.",
                count=len(token),
                count_max=TOKEN_CHARACTERS_MAX,
            ),
            "Split the consignment; each part gets a token of its own.",
        )
    return token


def decode_claims(payload: bytes) -> TaxPaid | None:
    """Read what a token says; None: it is not of the form. The signature was verified before."""
    try:
        return _DECODER.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def tag_of_scheme(administration_code: str, scheme_code: str, scheme_number: str) -> str:
    """Return the tag of a scheme number.

    Scheme numbers are worth stealing, and so few that any hash of one can be tried out. Two bytes say of
    another number that it is another one, 65,535 times in 65,536, and fit thousands of numbers. The tag is
    the same in each token of a number, so that many tokens say no more than one.
    """
    bare = "".join(scheme_number.split()).upper()
    return _digest(_SCHEME_MARK, administration_code, scheme_code, bare)[:_TAG_BYTES].hex()


def hash_of_order(number: str, order_reference: str) -> str:
    """Return the hash of an order reference, with the token's number as salt: two tokens of one order are
    not seen to belong together."""
    digest = _digest(_ORDER_MARK, number, order_reference.strip())[:_ORDER_HASH_BYTES]
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _digest(mark: bytes, *parts: str) -> bytes:
    whole = b"".join(b"%d:%b" % (len(part.encode()), part.encode()) for part in parts)
    return sha256(mark + whole).digest()
