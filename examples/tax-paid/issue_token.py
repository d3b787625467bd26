"""Issue a tax-paid token for a parcel, without Serai: writes keys, status list, token and declaration.

Needs `cryptography` alone. In earnest the private key stays where only the issuer reaches it.
"""

import base64
import hashlib
import json
import time
import zlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ISSUER, KID, BORDER = "shop.example/paid", "shop-2026-12", "TEST"
LIST = "https://shop.example/status/1"
SCHEME, SCHEME_NUMBER = "ioss", "IM3720000224"
DECLARATION = {
    "reference": "P-1",
    "order_references": ["ORDER-1"],
    "scheme_kind_code": "IOSS",
    "additional_fiscal_references": [{"role": "FR5", "identification_number": SCHEME_NUMBER}],
    "consignor": {"country_code": "CN"},
    "consignee": {"country_code": "IE"},
    "logistics_channel_code": "post",
    "goods_items": [
        {
            "sequence_number": 1, "commodity_code": "61091000", "description": "T-shirt", "quantity": "1",
            "invoice_amount": "25.00", "invoice_currency_code": "EUR", "origin_country_code": "CN",
            "gross_mass_kg": "0.150",
        }
    ],
}  # fmt: skip


def encode(content: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def digest(mark: bytes, *parts: str) -> bytes:
    """Hash a mark and parts, each with its length in bytes before it."""
    return hashlib.sha256(mark + b"".join(b"%d:%b" % (len(p.encode()), p.encode()) for p in parts)).digest()


def sign(key: Ed25519PrivateKey, kind: str, payload: dict[str, object]) -> str:
    """Sign a payload in compact form."""
    header = {"alg": "Ed25519", "kid": KID, "typ": kind}
    words = f"{encode(json.dumps(header).encode())}.{encode(json.dumps(payload).encode())}"
    return f"{words}.{encode(key.sign(words.encode()))}"


def claims(number: str, index: int, now: int) -> dict[str, object]:
    """Say what was paid for the declaration above."""
    return {
        "iss": ISSUER, "adm": BORDER, "jti": number, "iat": now, "exp": now + 90 * 86_400, "sch": SCHEME,
        "tag": digest(b"serai-scheme-tag\x01", BORDER, SCHEME, SCHEME_NUMBER)[:2].hex(),
        "ord": encode(digest(b"serai-order-hash\x01", number, "ORDER-1")[:8]),
        "cur": "EUR", "paid": {"cur": "EUR", "dty": "0.00", "tax": "5.75"},
        "itm": [{"n": 1, "hs": "610910", "val": "25.00", "g": 150}],
        "status": {"status_list": {"idx": index, "uri": LIST}},
    }  # fmt: skip


def main() -> None:
    """Write all that a border needs, and the token."""
    key, now = Ed25519PrivateKey.generate(), int(time.time())  # noqa: TID251 - no part of Serai
    public = {"kid": KID, "kty": "OKP", "crv": "Ed25519", "x": encode(key.public_key().public_bytes_raw())}
    # Two bits a token, the first token's lowest: 0 valid, 1 revoked, 2 suspended, 3 used. Here all are valid.
    statuses = encode(zlib.compress(bytes(250), 9))
    listed: dict[str, object] = {
        "sub": LIST, "iat": now, "exp": now + 86_400, "ttl": 900,
        "status_list": {"bits": 2, "lst": statuses},
    }  # fmt: skip
    Path("keys.json").write_text(json.dumps({"keys": [public]}))
    Path("status.jwt").write_text(sign(key, "statuslist+jwt", listed))
    Path("token.txt").write_text(sign(key, "tax-paid+jwt", claims("T-0001", 0, now)))
    Path("declaration.json").write_text(json.dumps(DECLARATION))


if __name__ == "__main__":
    main()
