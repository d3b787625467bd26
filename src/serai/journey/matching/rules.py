"""Which keys a document can be found by, and who may join a case: knowing a reference is not enough."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

import msgspec

from serai.journey.mandates.rules import Covered, Represented, has_mandate
from serai.model.documents import (
    Arrival,
    Consignment,
    Declaration,
    DeclarationHead,
    Order,
    Payment,
    PaymentDetail,
    Return,
    TransportDocument,
)
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

TWO_CARRIERS = "two-carriers"
"""Beside the kinds of documents that count in a case: two carriers claim one number, neither counts."""

TWO_CARRIERS_CLAIM = Finding("two-carriers-claim-it", "/house_document", "advice")
"""What is said of the case: an officer is to find out who carries it."""

TWO_DECLARANTS = "two-declarants"
"""Beside the kinds of documents that count in a case: its number is another declarant's, too."""

TWO_DECLARANTS_CLAIM = Finding("two-declarants-claim-it", "", "advice")
"""What is said of the case: an officer is to find out who declares what has that number."""

SALE_ROLES = ("platform", "seller")
"""Roles in which a document names who sold."""

DECLARANT_ROLE = "declarant"
"""Role in which a document names who is to declare: whom it is for, and none that it lets in."""

_POINTERS = {UCR: "/ucr", HOUSE_DOCUMENT: "/house_document", ORDER: "/order_references"}


Keyed = Declaration | Order | Payment | TransportDocument | Arrival | Return


def keys_of(document: Keyed) -> list[tuple[int, str]]:
    """Return kind and text (scheme, issuer and number) of each key a document carries, the most telling
    first; each once. A return names its declaration outright and carries none."""
    if isinstance(document, DeclarationHead):
        return _keys_of_head(document)
    keys: list[tuple[int, str]] = []
    if isinstance(document, Return):
        return keys
    ucr = getattr(document, "ucr", None)
    if ucr:
        keys.append((UCR, f"ucr||{ucr}"))
    house = getattr(document, "house_document", None)
    if house:
        keys.append((HOUSE_DOCUMENT, house_key(house)))
    # An order's number is its platform's own; payments do not say whose. Who may join decides between equals.
    if isinstance(document, Order):
        keys.append((ORDER, f"order||{document.reference}"))
    elif isinstance(document, Payment | Consignment) and document.order_references:
        keys.extend((ORDER, f"order||{reference}") for reference in dict.fromkeys(document.order_references))
    return keys


def _keys_of_head(head: DeclarationHead) -> list[tuple[int, str]]:
    """Return what `keys_of` gives for the declaration read whole; by far the most documents are such."""
    keys = [(UCR, f"ucr||{head.ucr}")] if head.ucr else []
    if head.house_document:
        keys.append((HOUSE_DOCUMENT, house_key(head.house_document)))
    if head.order_references:
        keys.extend((ORDER, f"order||{one}") for one in dict.fromkeys(head.order_references))
    return keys


def house_key(number: str) -> str:
    """Return the text of the key that a house document gives."""
    return f"house||{number}"


def find_overused(key_kind: int, text: str) -> Finding:
    """Return what is said of a key (text as in `keys_of`) that too many documents of its sender carry."""
    number = text.split("||", 1)[1]
    parameters = {"value": number, "count": str(KEY_DOCUMENTS_COUNT_MAX)}
    return Finding("number-in-many-documents", _POINTERS[key_kind], "advice", parameters)


Named = frozenset[tuple[str, int]]
"""Roles and numbers of the registered parties that a document names."""


def in_roles(named: Iterable[tuple[str, int]], *roles: str) -> frozenset[int]:
    """Return the parties among those named that have one of some roles."""
    return frozenset(number for role, number in named if role in roles)


class Declared(msgspec.Struct, frozen=True):
    """A declaration as far as it lets others in. named: whom it names."""

    party_id: int
    named: Named = frozenset()

    def party_ids(self, *roles: str) -> frozenset[int]:
        """Return whom it names in one of some roles."""
        return in_roles(self.named, *roles)


class Submitted(Protocol):
    """Another document as far as it asks to be let in, and lets others in once it counts. named: whom it
    names. declarant_ids: who is to declare, by its own word; they are not among those named, since that lets
    nobody in. is_claimed_twice: declarations of several declarants ask for it, and it is not known whose it
    is."""

    party_id: int
    kind: str
    named: Named
    declarant_ids: frozenset[int]
    is_confirmed: bool
    is_claimed_twice: bool


def names_of(document: Keyed) -> list[tuple[str, str]]:
    """Return role and identifier of each party that a document names by a registered identifier."""
    named: list[tuple[str, str | None]] = []
    if isinstance(document, DeclarationHead):
        named = _sale_of(document)
    elif isinstance(document, Consignment):
        carrier = document.detail.carrier if document.detail is not None else None
        named = [
            *_sale_of(document),
            ("carrier", carrier.party_identifier if carrier is not None else None),
        ]
    elif isinstance(document, Order):
        named = _sale_of(document)
        if document.detail is not None:
            named.append(("payment_provider", document.detail.payment_provider_id))
    elif isinstance(document, Payment) and document.detail is not None:
        named = _sale_of(document.detail)
        named.append(("payment_provider", document.detail.provider_id))
    elif isinstance(document, TransportDocument) and document.detail is not None:
        named = [("carrier", document.detail.carrier_id)]
    elif isinstance(document, Return):
        named = _sale_of(document)
    if isinstance(document, Order | Payment | TransportDocument | Return):
        named.append((DECLARANT_ROLE, document.declarant_id))
    return [(role, name) for role, name in named if name]


def names_among(documents: Iterable[Keyed]) -> set[str]:
    """Return all identifiers by which documents name parties."""
    found: set[str | None] = set()
    for document in documents:
        if isinstance(document, DeclarationHead):
            found.add(document.platform_id)
            found.add(document.seller_id)
        else:
            found.update(name for _, name in names_of(document))
    return {name for name in found if name}


def _sale_of(document: Declaration | Order | PaymentDetail | Return) -> list[tuple[str, str | None]]:
    return [("platform", document.platform_id), ("seller", document.seller_id)]


KINDS_OF_PARTS: Final = {
    "declarant": ("order", "payment", "transport-document", "return"),
    "platform": ("order", "payment", "return"),
    "seller": ("order", "payment", "return"),
    "payment_provider": ("payment",),
    "carrier": ("transport-document",),
}
"""By the role in which a party has a part, the kinds of its documents that count: a seller says nothing of
the carriage, and a carrier nothing of the price."""


class Circle(NamedTuple):
    """Who has a part in a case. declarants: who declared in it. parts: role and number of these, and of
    whomever its documents name. covered, represented: as for `circle_of`."""

    declarants: frozenset[int]
    parts: Named
    covered: Covered = frozenset()
    represented: Represented = MappingProxyType({})

    def party_ids(self, kind: str) -> frozenset[int]:
        """Return whose documents of a kind count."""
        return frozenset(number for role, number in self.parts if kind in KINDS_OF_PARTS[role])


def circle_of(
    declared: Iterable[Declared],
    submitted: Iterable[Submitted],
    covered: Covered = frozenset(),
    represented: Represented = MappingProxyType({}),
) -> Circle:
    """Return who has a part in a case with these declarations and other documents: whose documents count.

    covered: by mandates in force. represented: who declares in the names of parties that have said so; they
    count in no other declarant's case, whatever names them. Only a declaration begins it: without one there
    is nobody. Its declarant counts, and whomever it names; then whomever a document names that counts, and so
    on. Who sends by mandate alone is not among them: a mandate is for its kinds of document. What a sender
    says of itself never counts: else whoever knows a reference could enter others' cases.
    """
    first = list(declared)
    declarants = frozenset(one.party_id for one in first)
    begun = frozenset((DECLARANT_ROLE, one) for one in declarants).union(*(one.named for one in first))
    circle = Circle(declarants, of_declarants(begun, declarants, represented), covered, represented)
    waiting = list(submitted) if first else []
    while waiting:
        left: list[Submitted] = []
        named: Named = frozenset()
        for one in waiting:
            if counts(one, circle):
                named |= one.named
            else:
                left.append(one)
        if named <= circle.parts:
            break
        circle = circle._replace(parts=circle.parts | of_declarants(named, declarants, represented))
        waiting = left
    return circle


def of_declarants(named: Named, declarants: AbstractSet[int], represented: Represented) -> Named:
    """Return those parties that these declarants may draw into a case: all but those that have said who else
    declares for them."""
    return frozenset(
        (role, one)
        for role, one in named
        if one in declarants or one not in represented or not declarants.isdisjoint(represented[one])
    )


def counts(one: Submitted, circle: Circle) -> bool:
    """Say whether a document counts in a case: it did before, or it reaches the case, is not meant for
    another's and is not claimed by another's."""
    return one.is_confirmed or (
        reaches(one, circle) and not one.is_claimed_twice and not is_kept_from(one, circle)
    )


def reaches(one: Submitted, circle: Circle) -> bool:
    """Say whether the case asks for a document: its sender has a part whose documents are of this kind, or a
    mandate for the kind of one that has."""
    parties = circle.party_ids(one.kind)
    return one.party_id in parties or has_mandate(one.party_id, one.kind, parties, circle.covered)


def is_kept_from(one: Submitted, circle: Circle) -> bool:
    """Say whether a document is meant for other declarants' cases: it names another declarant, or its sender
    has said who declares for it. What a declarant sends itself is meant for its own."""
    if one.party_id in circle.declarants:
        return False
    if one.declarant_ids and one.declarant_ids.isdisjoint(circle.declarants):
        return True
    own = circle.represented.get(one.party_id)
    return own is not None and circle.declarants.isdisjoint(own)


def is_meant_for(one: Submitted, circle: Circle) -> bool:
    """Say whether the sender of a document itself has said that it is for this declarant's case: it declared
    the case, names its declarant, or has appointed that one to declare."""
    own = circle.represented.get(one.party_id, frozenset()) | one.declarant_ids | {one.party_id}
    return not circle.declarants.isdisjoint(own) and not is_kept_from(one, circle)


def may_share(one: Declared, other: Declared, key_kind: int) -> bool:
    """Say whether two declarations that meet over a key are of one case: only if one party filed both.

    An order's number is its platform's own, so over it both must name the same platform and seller.
    """
    if one.party_id != other.party_id:
        return False
    return key_kind != ORDER or one.party_ids(*SALE_ROLES) == other.party_ids(*SALE_ROLES)
