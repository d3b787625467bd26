"""Which keys a document can be found by, and who may join a case: knowing a reference is not enough."""

from collections.abc import Iterable, Sequence

import msgspec

from serai.model.documents import Arrival, Consignment, Order, Payment, TransportDocument

UCR, HOUSE_DOCUMENT, ORDER = 1, 2, 3
"""Kinds of match key, as stored."""

KEY_LIFE_DAYS = 365
"""S10 numbers come back after a year (UPU S10): a key that old belongs to whoever uses it next."""


def keys_of(document: Consignment | Order | Payment | TransportDocument | Arrival) -> list[tuple[int, str]]:
    """Return kind and text (scheme, issuer and number) of each key a document carries, the most telling
    first."""
    keys: list[tuple[int, str]] = []
    ucr = getattr(document, "ucr", None)
    if ucr:
        keys.append((UCR, f"ucr||{ucr}"))
    house = getattr(document, "house_document", None)
    if house:
        keys.append((HOUSE_DOCUMENT, f"house||{house}"))
    # An order's number is its platform's own; payments do not say whose. Who may join decides between equal
    # numbers.
    if isinstance(document, Order):
        keys.append((ORDER, f"order||{document.reference}"))
    elif isinstance(document, Payment | Consignment):
        keys.extend((ORDER, f"order||{reference}") for reference in document.order_references)
    return keys


class Present(msgspec.Struct, frozen=True):
    """A confirmed document already in a case. kind: consignment, order, payment or transport-document."""

    party_id: int
    kind: str
    roles: frozenset[str]


class Candidate(msgspec.Struct, frozen=True):
    """A document that would join. named_party_ids: parties that its own text names (platform, seller,
    carrier)."""

    party_id: int
    kind: str
    roles: frozenset[str]
    named_party_ids: frozenset[int] = frozenset()


def may_join(candidate: Candidate, present: Sequence[Present], named_in_case: Iterable[int]) -> bool:
    """Say whether a document counts in a case.

    It does if its sender already has a part in the case, is named by a confirmed document of the case, or
    itself names a party that has. A payment counts from a registered payment provider, a transport document
    from a registered carrier or post, each where a document of the case waits for it. A second declaration by
    another party never joins.
    """
    parties = {one.party_id for one in present}
    if candidate.party_id in parties:
        return True
    has_declaration = any(one.kind == "consignment" for one in present)
    if candidate.kind == "consignment":
        if has_declaration:
            return False
        brings_goods = any(
            one.kind == "transport-document" and one.roles & {"carrier", "post"} for one in present
        )
        return bool(candidate.named_party_ids & parties) or (
            brings_goods and not (parties - _carriers(present))
        )
    if candidate.party_id in set(named_in_case):
        return True
    if candidate.kind == "payment":
        return "payment_provider" in candidate.roles and any(
            one.kind in ("order", "consignment") for one in present
        )
    if candidate.kind == "transport-document":
        return bool(candidate.roles & {"carrier", "post"})
    return bool(candidate.named_party_ids & parties)


def _carriers(present: Sequence[Present]) -> set[int]:
    return {one.party_id for one in present if one.kind == "transport-document"}
