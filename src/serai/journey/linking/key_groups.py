"""Groups of documents that are, or become, one case; which of them belong together."""

from collections.abc import Iterable
from dataclasses import dataclass

from serai.journey.mandates.rules import Covered, Represented
from serai.journey.matching.match_keys import Key
from serai.journey.matching.rules import Declared, counts, may_share, parties_of


@dataclass(slots=True)
class GroupMember:
    """A document that waits to be let in. is_stored: it was there before. named_party_ids: registered parties
    that it names."""

    document_id: int
    party_id: int
    kind: str
    named_party_ids: frozenset[int]
    is_stored: bool
    is_confirmed: bool


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

    def parties(self, covered: Covered, represented: Represented) -> frozenset[int]:
        """Return the parties whose documents count in it. covered, represented: as for `parties_of`."""
        return parties_of(self.declared, self.document_entries, covered, represented)

    @property
    def now(self) -> "Group":
        """The group this one is part of by now."""
        group = self
        while group.joined is not None:
            group = group.joined
        return group


def parties_around(
    groups: Iterable[Group], covered: Covered, represented: Represented
) -> dict[int, frozenset[int]]:
    """Return by group (its `id`) whose documents would count if all that it can be reached from over keys
    were one case; groups that no declaration reaches are left out."""
    clusters: dict[int, list[Group]] = {id(group): [group] for group in groups}
    first: dict[Key, Group] = {}
    for group in [one for cluster in clusters.values() for one in cluster]:
        for key in group.keys:
            mine, other = clusters[id(group)], clusters[id(first.setdefault(key, group))]
            if mine is not other:
                small, large = sorted((mine, other), key=len)
                large += small
                clusters.update((id(one), large) for one in small)
    found: dict[int, frozenset[int]] = {}
    for cluster in {id(one): one for one in clusters.values()}.values():
        declared = [one for group in cluster for one in group.declared]
        if declared:
            document_entries = [
                document_entry for group in cluster for document_entry in group.document_entries
            ]
            parties = parties_of(declared, document_entries, covered, represented)
            found.update((id(group), parties) for group in cluster)
    return found


def belong(one: Group, other: Group, key_kind: int, covered: Covered, represented: Represented) -> bool:
    """Say whether two groups that share a key are one case."""
    if one.declared and other.declared:
        return any(may_share(a, b, key_kind) for a in one.declared for b in other.declared)
    if not one.declared and not other.declared:
        return False
    inside, outside = (one, other) if one.declared else (other, one)
    parties = inside.parties(covered, represented)
    return any(
        counts(document_entry, parties, covered)
        for document_entry in outside.document_entries
        if not document_entry.is_confirmed
    )
