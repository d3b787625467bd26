"""Groups of documents that are, or become, one case; which of them belong together."""

from collections.abc import Iterable
from dataclasses import dataclass

from serai.journey.mandates.rules import Covered, Represented
from serai.journey.matching.match_keys import Key
from serai.journey.matching.rules import Circle, Declared, Named, circle_of, counts, may_share


@dataclass(slots=True)
class GroupMember:
    """A document that waits to be let in. is_stored: it was there before. named, declarant_ids,
    is_claimed_twice: as of `Submitted`."""

    document_id: int
    party_id: int
    kind: str
    named: Named
    declarant_ids: frozenset[int]
    is_stored: bool
    is_confirmed: bool
    is_claimed_twice: bool = False


@dataclass(slots=True)
class Group:
    """What is, or becomes, one case. case_ids: of all parts, new ones among them."""

    case_ids: set[int]
    declared: list[Declared]
    document_entries: list[GroupMember]
    keys: set[Key]
    has_stored_declaration: bool
    has_gained: bool = False
    joined: "Group | None" = None

    @property
    def survivor(self) -> int:
        """The case that the others are merged into."""
        return min(self.case_ids)

    def circle(self, covered: Covered, represented: Represented) -> Circle:
        """Return who has a part in it. covered, represented: as for `circle_of`."""
        return circle_of(self.declared, self.document_entries, covered, represented)

    @property
    def declarants(self) -> frozenset[int]:
        """Who declared in it."""
        return frozenset(one.party_id for one in self.declared)

    @property
    def now(self) -> "Group":
        """The group this one is part of by now."""
        group = self
        while group.joined is not None:
            group = group.joined
        return group


def circles_around(groups: Iterable[Group], covered: Covered, represented: Represented) -> dict[int, Circle]:
    """Return by group (its `id`) who would have a part if all that it can be reached from over keys were one
    case; groups that no declaration reaches are left out."""
    clusters: dict[int, list[Group]] = {id(group): [group] for group in groups}
    first: dict[Key, Group] = {}
    for group in [one for cluster in clusters.values() for one in cluster]:
        for key in group.keys:
            mine, other = clusters[id(group)], clusters[id(first.setdefault(key, group))]
            if mine is not other:
                small, large = sorted((mine, other), key=len)
                large += small
                clusters.update((id(one), large) for one in small)
    found: dict[int, Circle] = {}
    for cluster in {id(one): one for one in clusters.values()}.values():
        declared = [one for group in cluster for one in group.declared]
        if declared:
            document_entries = [
                document_entry for group in cluster for document_entry in group.document_entries
            ]
            circle = circle_of(declared, document_entries, covered, represented)
            found.update((id(group), circle) for group in cluster)
    return found


def belong(one: Group, other: Group, key_kind: int, covered: Covered, represented: Represented) -> bool:
    """Say whether two groups that share a key are one case."""
    if one.declared and other.declared:
        return any(may_share(a, b, key_kind) for a in one.declared for b in other.declared)
    if not one.declared and not other.declared:
        return False
    inside, outside = (one, other) if one.declared else (other, one)
    circle = inside.circle(covered, represented)
    return any(
        counts(document_entry, circle)
        for document_entry in outside.document_entries
        if not document_entry.is_confirmed
    )
