"""Two declarants, one number: whose declaration is held until it is known whose the parcel is.

Whoever knows a number and names the right parties declares as well as who has the right. A document says
for whose declaration it is by naming the declarant, or its sender by a mandate to declare; the other is held.
Where no document says so, both are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from serai.journey.linking.key_groups import Group, GroupMember
from serai.journey.matching.match_keys import Key
from serai.journey.matching.rules import (
    HOUSE_DOCUMENT,
    ORDER,
    Circle,
    counts,
    is_meant_for,
    reaches,
)


@dataclass(slots=True)
class Claimant:
    """A case whose declarations carry disputed numbers, and who has a part in it.

    asked_for, meant: documents that carry one of these: those that the case asks for or holds, and those that
    are for it by their senders' own word; own: those that its declarant sent itself. carriers: who carries
    the goods, by the declaration or by a transport document that counts.
    """

    group: Group
    circle: Circle
    asked_for: set[int] = field(default_factory=set)
    meant: set[int] = field(default_factory=set)
    own: set[int] = field(default_factory=set)
    carriers: set[int] = field(default_factory=set)

    def look_at(self, document: GroupMember, group: Group) -> None:
        """Note how the case stands to a document that lies in a group."""
        if group is not self.group and not reaches(document, self.circle):
            return
        self.asked_for.add(document.document_id)
        if is_meant_for(document, self.circle):
            self.meant.add(document.document_id)
        if document.party_id in self.circle.declarants:
            self.own.add(document.document_id)
        is_waybill = document.kind == "transport-document" and group is self.group
        if is_waybill and document.party_id not in group.declarants and counts(document, self.circle):
            self.carriers.add(document.party_id)

    @property
    def named(self) -> frozenset[int]:
        """Whom its declarations name."""
        return frozenset(number for one in self.group.declared for _, number in one.named)


def are_rivals(one: Group, other: Group) -> bool:
    """Say whether two cases were declared by different declarants."""
    return bool(one.declared and other.declared) and one.declarants.isdisjoint(other.declarants)


def have_rivals(groups: Iterable[Group]) -> bool:
    """Say whether any two of some cases were declared by different declarants."""
    declarants = {group.declarants for group in groups if group.declared}
    return any(one.isdisjoint(other) for one, other in combinations(declarants, 2))


def find_held(
    claimed: Mapping[Key, Sequence[Claimant]], documents: Mapping[int, frozenset[Key]]
) -> set[tuple[Key, int]]:
    """Return which cases (lowest id) are held, and over which numbers.

    claimed: by number, the cases whose declarations carry it. documents: by id, the numbers each carries.
    """
    shared: dict[tuple[int, int], set[Key]] = {}
    known: dict[int, Claimant] = {}
    for key, claimants in claimed.items():
        for one, other in combinations(claimants, 2):
            if are_rivals(one.group, other.group):
                known |= {id(one): one, id(other): other}
                shared.setdefault((id(one), id(other)), set()).add(key)
    held: set[tuple[Key, int]] = set()
    for (first, second), keys in shared.items():
        pair = (known[first], known[second])
        about = {number for number, its in documents.items() if not keys.isdisjoint(its)}
        if not any(_exclude(*pair, key[0], about) for key in keys):
            continue
        losing = [one for one, other in (pair, pair[::-1]) if about.isdisjoint(_shows_its_right(one, other))]
        held |= {(key, one.group.survivor) for one in (losing if len(losing) == 1 else pair) for key in keys}
    return held


def _shows_its_right(one: Claimant, other: Claimant) -> set[int]:
    """Return the documents that say for whom the number is. What a declarant sends itself says nothing,
    unless the other asks for just that."""
    return one.meant & (other.asked_for | (one.meant - one.own))


def _exclude(one: Claimant, other: Claimant, key_kind: int, about: set[int]) -> bool:
    """Say whether what two declarants say of one number cannot both be: they ask for the same document, or
    speak of one consignment with the same parties, or of one house document with different carriers. about:
    documents that carry a number of both.

    Numbers of orders are their platforms' own, and of an order several parcels may come.
    """
    if not about.isdisjoint(one.asked_for & other.asked_for):
        return True
    if key_kind == ORDER:
        return False
    if not one.named.isdisjoint(other.named):
        return True
    has_carriers = bool(one.carriers and other.carriers)
    return key_kind == HOUSE_DOCUMENT and has_carriers and one.carriers.isdisjoint(other.carriers)
