"""Tokens, keys and lists of the tests."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from serai.foundation.jws import encode_part
from serai.journey.tax_paid.goods import Declared, DeclaredItem, Tolerance
from serai.journey.tax_paid.status_list import pack_statuses
from serai.journey.tax_paid.token import Paid, PaidItem, StatusReference, TaxPaid, issue_token, make_claims
from serai.journey.tax_paid.trusted import read_key_set, read_lists, sign_list

AT = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
URI = "https://customs.example/v1/tax-paid/status/17"
ISSUER = "log.customs.example/main"
KID = f"{ISSUER}+0a1b2c3d"
SCHEME_NUMBER = "IM2760000742"
EXACT = Tolerance(value_ppm=0, mass_ppm=0)


class Signer:
    """A key of the tests."""

    def __init__(self, seed: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, content: bytes, /) -> bytes:
        return self._key.sign(content)


SIGNER, OTHER = Signer(1), Signer(2)


def key_set(*keys: tuple[str, Signer], **members: str) -> bytes:
    listed = [
        {"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": encode_part(one.public_key)} | members
        for kid, one in keys or ((KID, SIGNER),)
    ]
    return json.dumps({"keys": listed}).encode()


KEYS = read_key_set(key_set())


def claims(number: str = "0APS-K7Z2-0400-0W", index: int = 0, **changed: Any) -> TaxPaid:
    given: dict[str, Any] = {
        "issuer": ISSUER,
        "administration_code": "DE",
        "number": number,
        "issued_at": AT - DAY,
        "expires_at": AT + 90 * DAY,
        "scheme_code": "ioss",
        "scheme_number": SCHEME_NUMBER,
        "order_reference": "ORDER-1",
        "currency_code": "EUR",
        "paid": Paid(currency_code="EUR", duty="0.00", tax="4.43"),
        "items": (PaidItem(sequence_number=1, commodity_code="610910", value="23.34", gross_mass_g=250),),
        "status": StatusReference(index, URI),
    }
    return make_claims(**given | changed)


def token(number: str = "0APS-K7Z2-0400-0W", index: int = 0, **changed: Any) -> str:
    return issue_token(claims(number, index, **changed), SIGNER, KID)


def status_list(
    *statuses: int, uri: str = URI, signer: Signer = SIGNER, ends_at: dt.datetime | None = None
) -> str:
    return sign_list(
        pack_statuses(np.array(statuses or [0] * 8, dtype=np.uint8), 2),
        uri=uri,
        issued_at=AT - DAY / 24,
        ends_at=ends_at or AT + DAY,
        fetch_again_s=900,
        signer=signer,
        kid=KID,
    )


LISTS = read_lists([status_list()], KEYS)


def declared(**changed: Any) -> Declared:
    item: dict[str, Any] = {
        "sequence_number": 1,
        "commodity_code": "61091000",
        "value": Decimal("23.34"),
        "currency_code": "EUR",
        "gross_mass_g": 250,
    }
    whole: dict[str, Any] = {
        "scheme_code": "ioss",
        "scheme_number": SCHEME_NUMBER,
        "order_references": ("ORDER-1",),
    }
    whole |= {name: value for name, value in changed.items() if name in whole}
    item |= {name: value for name, value in changed.items() if name in item}
    return Declared(items=changed.get("items", (DeclaredItem(**item),)), **whole)
