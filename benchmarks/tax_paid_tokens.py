"""Tax-paid tokens checked offline, on one core, in turn with the bare check of their signatures.

    uv run python benchmarks/tax_paid_tokens.py --count 20000

Each round checks other tokens than the one before, so only the issuer's header is remembered. The figure
is processor time, and the ratio is to what `cryptography` needs to verify the same signatures.
"""

import argparse
import datetime as dt
import json
import statistics
import time
from base64 import urlsafe_b64decode
from decimal import Decimal
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from serai.journey.tax_paid.checking import TokenChecker
from serai.journey.tax_paid.goods import Declared, DeclaredItem, Tolerance
from serai.journey.tax_paid.status_list import pack_statuses
from serai.journey.tax_paid.token import Paid, PaidItem, StatusReference, issue_token, make_claims
from serai.journey.tax_paid.trusted import read_lists, sign_list, trust

AT = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
URI, KID, ISSUER = "https://customs.example/v1/tax-paid/status/17", "log.example+0a1b2c3d", "log.example"
SCHEME_NUMBER = "IM2760000742"
ROUNDS = 5
LIST_LENGTH = 1_000_000


class Signer:
    """A key that nobody else has."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.verifier = self._key.public_key()
        self.public_key = self.verifier.public_bytes_raw()

    def sign(self, content: bytes, /) -> bytes:
        """Return the signature, 64 bytes."""
        return self._key.sign(content)


def measure(count: int) -> dict[str, Any]:
    """Return tokens a second of processor time, and the share of the bare check in it."""
    signer = Signer()
    keys = {KID: trust(KID, signer.public_key)}
    statuses = np.zeros(LIST_LENGTH, np.uint8)
    begun = time.process_time()
    listed = sign_list(
        pack_statuses(statuses, 2),
        uri=URI,
        issued_at=AT,
        ends_at=AT + DAY,
        fetch_again_s=900,
        signer=signer,
        kid=KID,
    )
    lists = read_lists([listed], keys)
    list_ms = 1000 * (time.process_time() - begun)
    checker = TokenChecker(keys, lists, administration_code="DE")
    tokens = [_token(number, signer) for number in range(count)]
    goods = [_declared(number) for number in range(count)]
    exact = Tolerance(value_ppm=0, mass_ppm=0)
    parts = [one.rpartition(".") for one in tokens]
    signed = [(one.encode(), signature) for one, _, signature in parts]
    rounds: dict[str, list[float]] = {"bare": [], "token": [], "token_and_goods": []}
    each = count // ROUNDS
    for number in range(ROUNDS):
        some = slice(number * each, (number + 1) * each)
        rounds["bare"].append(_timed(lambda some=some: _verify_bare(signer, signed[some])))
        rounds["token"].append(_timed(lambda some=some: _check(checker, tokens[some], None, exact)))
        rounds["token_and_goods"].append(
            _timed(lambda some=some: _check(checker, tokens[some], goods[some], exact))
        )
    per_s = {name: round(each / statistics.median(some)) for name, some in rounds.items()}
    return {
        "tokens": count,
        "bytes_of_a_token": len(tokens[0]),
        "per_second": per_s,
        "of_the_bare_check": {
            name: round(per_s[name] / per_s["bare"], 2) for name in ("token", "token_and_goods")
        },
        "list_of_a_million_signed_and_read_ms": round(list_ms, 1),
    }


def _timed(work: Any) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _verify_bare(signer: Signer, signed: list[tuple[bytes, str]]) -> None:
    for content, signature in signed:
        signer.verifier.verify(urlsafe_b64decode(signature + "=="), content)


def _check(checker: TokenChecker, tokens: list[str], goods: Any, tolerance: Tolerance) -> None:
    verdicts = checker.check_many(tokens, AT, goods, tolerance)
    assert all(one.is_valid for one in verdicts), "every token here is sound"


def _token(number: int, signer: Signer) -> str:
    claims = make_claims(
        issuer=ISSUER,
        administration_code="DE",
        number=f"{number:013}",
        issued_at=AT - DAY,
        expires_at=AT + 90 * DAY,
        scheme_code="ioss",
        scheme_number=SCHEME_NUMBER,
        order_reference=f"ORDER-{number}",
        currency_code="EUR",
        paid=Paid(currency_code="EUR", duty="0.00", tax="4.43"),
        items=(PaidItem(sequence_number=1, commodity_code="610910", value="23.34", gross_mass_g=250),),
        status=StatusReference(number * 7919 % LIST_LENGTH, URI),
    )
    return issue_token(claims, signer, KID)


def _declared(number: int) -> Declared:
    item = DeclaredItem(
        sequence_number=1,
        commodity_code="61091000",
        value=Decimal("23.34"),
        currency_code="EUR",
        gross_mass_g=250,
    )
    return Declared(
        scheme_code="ioss",
        scheme_number=SCHEME_NUMBER,
        order_references=(f"ORDER-{number}",),
        items=(item,),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=20_000)
    print(json.dumps(measure(parser.parse_args().count), indent=2))
