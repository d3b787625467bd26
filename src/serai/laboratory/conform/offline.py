"""What is checked of an answer without asking anybody: signatures, and that figures agree with each other."""

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from serai.evidence.notes import read_verifier_key
from serai.evidence.receipt import verify_receipt
from serai.formats.standards import CHECKS as OF_STANDARDS
from serai.model.errors import SeraiError

_KINDS = {"duty": "duty_amount", "tax": "tax_amount", "excise": "excise_amount", "fee": "fee_amount"}
_DUES = {"border": "due_at_border_amount", "sale": "due_at_sale_amount"}


class Published(msgspec.Struct):
    """What the server publishes, as it was read. log_key: its line; key_set: of quotes."""

    log_key: str
    key_set: Any


def verify_receipt_of(answer: Any, published: Published) -> Iterator[str]:
    """Check the receipt in an answer byte for byte against the published key of the log."""
    yield from verify_own_receipt(answer.get("receipt") if isinstance(answer, dict) else None, published)


def verify_own_receipt(receipt: Any, published: Published) -> Iterator[str]:
    """Check an answer that is a receipt."""
    if not isinstance(receipt, dict):
        yield "receipt: none in the answer"
        return
    try:
        _, key = read_verifier_key(published.log_key.strip())
        faults = verify_receipt(msgspec.json.encode(receipt), key, []).faults
    except SeraiError as fault:
        faults = (fault.code,)
    if faults:
        yield f"receipt: not genuine ({', '.join(faults)})"


def verify_quote_of(answer: Any, published: Published) -> Iterator[str]:
    """Check the signed quote in an answer as a JSON Web Signature (RFC 7515) with the published key set."""
    offer = answer.get("offer") if isinstance(answer, dict) else None
    signed = offer.get("signed") if isinstance(offer, dict) else None
    if not isinstance(signed, str) or signed.count(".") != 2:
        yield "offer/signed: no signature in the answer"
        return
    head, _, signature = signed.split(".")
    try:
        named = msgspec.json.decode(_decode(head))
        keys = {one["kid"]: one for one in published.key_set["keys"]}
        key = Ed25519PublicKey.from_public_bytes(_decode(keys[named["kid"]]["x"]))
        key.verify(_decode(signature), signed.rpartition(".")[0].encode())
    except (InvalidSignature, KeyError, TypeError, ValueError, msgspec.MsgspecError) as fault:
        yield f"offer/signed: does not verify ({type(fault).__name__})"


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def add_up(answer: Any, _: Published) -> Iterator[str]:
    """Check that each total of a decision is the sum of its charges, to the last unit."""
    decision = answer.get("decision", answer) if isinstance(answer, dict) else {}
    totals = decision.get("totals")
    if not isinstance(totals, dict):
        yield "totals: none in the answer"
        return
    charges = [*decision.get("charges", [])]
    for item in decision.get("goods_items", []):
        charges += item.get("charges", [])
    try:
        sums = _sums(charges)
        wrong = [name for name in totals if Decimal(totals[name]) != sums[name]]
    except (InvalidOperation, KeyError, TypeError) as fault:
        yield f"totals: cannot be added up ({type(fault).__name__})"
        return
    for name in wrong:
        yield f"totals/{name}: {sums[name]} expected as the sum of the charges, {totals[name]} found"


def check_by_standard(name: str, content: bytes) -> Iterator[str]:
    """Check an answer by the standard that it is written in, as `serai check` does."""
    for one in OF_STANDARDS[name].find(content):
        if one.severity == "fault":
            yield f"body: sound {name} expected, {one.code} at {one.pointer or '/'} found"


def _sums(charges: list[dict[str, Any]]) -> Counter[str]:
    sums: Any = Counter()
    for charge in charges:
        if charge.get("is_waived") or charge["kind"] == "claim":
            continue
        sums[_KINDS[charge["kind"]]] += Decimal(charge["amount"])
        sums[_DUES[charge["due"]]] += Decimal(charge["amount"])
    return sums  # type: ignore[no-any-return]


CHECKS: dict[str, Callable[[Any, Published], Iterator[str]]] = {
    "receipt": verify_receipt_of,
    "own-receipt": verify_own_receipt,
    "quote": verify_quote_of,
    "totals": add_up,
}
"""By the names that cases use in `verifies`."""
