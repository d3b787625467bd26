"""Which keys a document can be found by, and who may join a case: knowing a reference is not enough."""

from collections.abc import Iterable

import msgspec

from serai.model.documents import Arrival, Consignment, Order, Payment, Return, TransportDocument
from serai.model.findings import Finding

UCR, HOUSE_DOCUMENT, ORDER = 1, 2, 3
"""Kinds of match key, as stored."""

KEY_WORDS = {UCR: "same UCR", HOUSE_DOCUMENT: "same house document", ORDER: "same order reference"}

KEY_LIFE_DAYS = 365
"""S10 numbers come back after a year (UPU S10): a key that old belongs to whoever uses it next."""

KEY_DOCUMENTS_COUNT_MAX = 100
"""Documents of one party that can be found by one key. Whoever shares the key has all of them loaded, with
their cases locked: without a bound one party that lists a number again and again would make everybody's
documents under it slow. An order is paid and sent in a few parts, not in hundreds."""

_POINTERS = {UCR: "/ucr", HOUSE_DOCUMENT: "/house_document", ORDER: "/order_references"}


def keys_of(
    document: Consignment | Order | Payment | TransportDocument | Arrival | Return,
) -> list[tuple[int, str]]:
    """Return kind and text (scheme, issuer and number) of each key a document carries, the most telling
    first; each once. A return names its declaration outright and carries none."""
    keys: list[tuple[int, str]] = []
    if isinstance(document, Return):
        return keys
    ucr = getattr(document, "ucr", None)
    if ucr:
        keys.append((UCR, f"ucr||{ucr}"))
    house = getattr(document, "house_document", None)
    if house:
        keys.append((HOUSE_DOCUMENT, f"house||{house}"))
    # An order's number is its platform's own; payments do not say whose. Who may join decides between equals.
    if isinstance(document, Order):
        keys.append((ORDER, f"order||{document.reference}"))
    elif isinstance(document, Payment | Consignment) and document.order_references:
        keys.extend((ORDER, f"order||{reference}") for reference in dict.fromkeys(document.order_references))
    return keys


def find_crowded(key_kind: int, text: str) -> Finding:
    """Return what is said of a key (text as in `keys_of`) that too many documents of its sender carry."""
    number = text.split("||", 1)[1]
    parameters = {"value": number, "count": str(KEY_DOCUMENTS_COUNT_MAX)}
    return Finding("number-in-many-documents", _POINTERS[key_kind], "advice", parameters)


class Declared(msgspec.Struct, frozen=True):
    """A declaration as far as it lets others in. named_party_ids: registered parties it names (platform,
    seller)."""

    party_id: int
    named_party_ids: frozenset[int] = frozenset()


def may_join(party_id: int, kind: str, roles: frozenset[str], declared: Iterable[Declared]) -> bool:
    """Say whether an order, payment or transport document counts in a case with these declarations.

    Only a declaration lets anybody in. A document counts if its sender declared, or is named by a
    declaration; a payment also from a registered payment provider, a transport document from a registered
    carrier or post. What a sender says of itself never counts, nor what another document says: else whoever
    knows a reference could draw others' documents into a case of its own.
    """
    known = list(declared)
    if not known:
        return False
    if any(party_id == one.party_id or party_id in one.named_party_ids for one in known):
        return True
    if kind == "payment":
        return "payment_provider" in roles
    return kind == "transport-document" and bool(roles & {"carrier", "post"})


def may_share(one: Declared, other: Declared, key_kind: int) -> bool:
    """Say whether two declarations that meet over a key are of one case: only if one party filed both.

    An order's number is its platform's own, so over it both must name the same platform and seller.
    """
    if one.party_id != other.party_id:
        return False
    return key_kind != ORDER or one.named_party_ids == other.named_party_ids
