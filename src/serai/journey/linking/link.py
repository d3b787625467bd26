"""Documents find each other: keys are claimed, cases that belong together become one.

Only a declaration lets other documents count (`match.rules.circle_of`), so an order, payment or transport
document without one stays alone, whatever keys it shares. That makes the outcome independent of the order of
arrival, and whoever merely knows a reference meets nobody. Keys are locked before cases, each sorted.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.linking.case_locks import lock_roots
from serai.journey.linking.key_groups import Group, GroupMember, belong, circles_around
from serai.journey.linking.rivals import Claimant, are_rivals, find_held, have_rivals
from serai.journey.mandates import store as mandate_store
from serai.journey.mandates.rules import representatives_among
from serai.journey.matching import store as matching_store
from serai.journey.matching.match_keys import Claims, Key, MatchKeys, match_keys
from serai.journey.matching.rules import (
    DECLARANT_ROLE,
    HOUSE_DOCUMENT,
    KEY_DOCUMENTS_COUNT_MAX,
    KEY_LIFE_DAYS,
    KEY_WORDS,
    TWO_CARRIERS,
    TWO_DECLARANTS,
    Circle,
    Declared,
    counts,
    find_overused,
    in_roles,
    is_kept_from,
    is_meant_for,
    keys_of,
    names_among,
    names_of,
    reaches,
)
from serai.journey.tasks import store as task_store
from serai.model.columns import Flags
from serai.model.documents import Declaration, Order, Payment, TransportDocument
from serai.model.findings import Finding
from serai.model.frames import WITHDRAWN

Connection = AsyncConnection[Any]

_ROUNDS_COUNT_MAX = 6


class IncomingDocument(msgspec.Struct, gc=False):
    """A document that comes in. case_id: of its own, or the one an earlier version is in (is_known).

    keys: filled when documents meet.
    """

    document_id: int
    kind: str
    party_id: int
    case_id: int
    document: Declaration | Order | Payment | TransportDocument
    is_known: bool = False
    keys: list[Key] = []


@dataclass(slots=True)
class Linked:
    """What became of a batch. case_ids: by document that came. confirmed: those of them that count.

    kinds: by case, kinds of the documents that count in it, and who disputes its number. gained: cases with
    stored declarations that have other documents or consignments than before, or whose number came to be
    disputed, or is so no more. findings: by document, on keys it is not found by.
    named: by document, role and number of each registered party that it names. claimed_twice: documents
    that came and that several declarants ask for.
    """

    case_ids: dict[int, int]
    confirmed: set[int]
    kinds: dict[int, set[str]] = field(default_factory=dict)
    gained: set[int] = field(default_factory=set)
    findings: dict[int, list[Finding]] = field(default_factory=dict)
    named: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    claimed_twice: set[int] = field(default_factory=set)


async def link_documents(
    connection: Connection,
    incoming: Sequence[IncomingDocument],
    pseudonymiser: Pseudonymiser,
    *,
    administration_id: int,
    at: datetime,
    claimed: Claims | None = None,
) -> Linked:
    """Find the case of each document that comes in; merges, and what counts from now on, are recorded.

    The caller opens the cases of documents that stay alone, and writes the documents themselves. claimed:
    keys that were free when this transaction took them for its incoming documents already.
    """
    linked = Linked(
        {one.document_id: one.case_id for one in incoming},
        {one.document_id for one in incoming if one.kind == "declaration"},
        named=await _name_parties(connection, incoming, administration_id, at),
    )
    keys = match_keys([one.document for one in incoming], pseudonymiser.key_hashes)
    if not len(keys):
        return linked
    case_ids = np.array([one.case_id for one in incoming], dtype=np.int64)[keys.places]
    is_free = await matching_store.claim_keys(
        connection, keys, case_ids, administration_id=administration_id, at=at
    )
    if claimed:
        is_free |= _claimed_before(keys, case_ids.tolist(), claimed)
    if not is_free.all() or any(one.is_known for one in incoming):
        for one, its in zip(incoming, keys.by_document(len(incoming)), strict=True):
            one.keys = its
        taken = set(keys.take(~is_free).keys())
        table = _Table(connection, linked, incoming, administration_id, at)
        await table.link_documents(taken)
        is_kept = table.is_kept(keys)
    else:
        is_kept = np.ones(len(keys), dtype=np.bool_)
    # A declaration whose number another case holds is found by its own documents no other way.
    is_paper = np.array([one.kind != "declaration" for one in incoming], dtype=np.bool_)[keys.places]
    waiting = np.flatnonzero(is_kept & (is_paper | ~is_free))
    if len(waiting):
        await matching_store.insert_document_keys(
            connection,
            keys.take(waiting),
            np.array([one.document_id for one in incoming], dtype=np.int64)[keys.places[waiting]],
            # As they are now: a new version may have left the case of the one before.
            np.array([one.case_id for one in incoming], dtype=np.int64)[keys.places[waiting]],
            administration_id=administration_id,
            at=at,
        )
    return linked


async def _name_parties(
    connection: Connection, incoming: Sequence[IncomingDocument], administration_id: int, at: datetime
) -> dict[int, list[tuple[str, int]]]:
    """Return the registered parties that documents name, with their roles.

    A party that has appointed who declares in its name is named by no other declarant.
    """
    # Thousands of declarations name few platforms, and mostly none that is registered.
    wanted = names_among([one.document for one in incoming])
    if not wanted:
        return {}
    known = await matching_store.select_identifiers(
        connection, sorted(wanted), administration_id=administration_id
    )
    if not known:
        return {}
    names = {one.document_id: names_of(one.document) for one in incoming}
    declarants = {one.document_id: one.party_id for one in incoming if one.kind == "declaration"}
    representatives: dict[int, set[int]] = {}
    if declarants:
        representatives = await mandate_store.select_representatives(
            connection, sorted(set(known.values())), administration_id=administration_id, at=at
        )
    named: dict[int, list[tuple[str, int]]] = {}
    for document_id, its in names.items():
        parties = [(role, known[name]) for role, name in its if name in known]
        declarant = declarants.get(document_id)
        if declarant is not None:
            parties = [
                (role, party_id)
                for role, party_id in parties
                if declarant in representatives.get(party_id, {declarant}) | {party_id}
            ]
        if parties:
            named[document_id] = parties
    return named


def _claimed_before(keys: MatchKeys, case_ids: Sequence[int], claimed: Claims) -> Flags:
    return np.array(
        [(*key, case_id) in claimed for key, case_id in zip(keys.keys(), case_ids, strict=True)],
        dtype=np.bool_,
    )


def declared_by(party_id: int, named: Sequence[tuple[str, int]]) -> Declared:
    """Return a declaration as far as it lets others in. named: role and number of whom it names."""
    return Declared(party_id, frozenset(named))


async def meet_again(
    connection: Connection, document_ids: Sequence[int], *, administration_id: int, at: datetime
) -> Linked:
    """Let stored documents that wait look for their cases once more: something lets them in by now."""
    keys = {key for _, key in await matching_store.select_document_keys(connection, document_ids)}
    return await meet_over(connection, keys, administration_id=administration_id, at=at)


async def meet_over(
    connection: Connection, keys: AbstractSet[Key], *, administration_id: int, at: datetime
) -> Linked:
    """Let whatever carries these keys meet once more: something lets it in by now, or no longer disputes
    it."""
    linked = Linked({}, set())
    if keys:
        await _Table(connection, linked, [], administration_id, at).link_documents(set(keys))
    return linked


def _is_asked_for(entry: GroupMember, circle: Circle) -> bool:
    return reaches(entry, circle) and not is_kept_from(entry, circle)


class _Table:
    """Where the documents of a batch that share keys with others sit down together."""

    def __init__(
        self,
        connection: Connection,
        linked: Linked,
        incoming: Sequence[IncomingDocument],
        administration_id: int,
        at: datetime,
    ) -> None:
        self._connection = connection
        self._linked = linked
        self._administration_id = administration_id
        self._at = at
        self._since = at - timedelta(days=KEY_LIFE_DAYS)
        self._incoming = incoming
        self._groups: dict[int, Group] = {}
        self._places_in_groups: dict[int, Group] = {}
        self._roots: dict[int, int] = {}
        self._joined_over: dict[int, str] = {}
        self._covered: set[tuple[int, int, str]] = set()
        self._asked_of: set[int] = set()
        self._represented: dict[int, set[int]] = {}
        self._by_key: dict[Key, list[Group]] = defaultdict(list)
        self._declaring: dict[Key, list[Group]] = defaultdict(list)
        self._explored: set[Key] = set()
        self._disputed_roots: set[int] = set()
        self._was_disputed = False
        self._overused: set[tuple[int, Key]] = set()

    def is_kept(self, keys: MatchKeys) -> Flags:
        """Say of the incoming documents' keys which they are found by: not by those in too many documents."""
        if not self._overused:
            return np.ones(len(keys), dtype=np.bool_)
        return np.array(
            [pair not in self._overused for pair in zip(keys.places.tolist(), keys.keys(), strict=True)],
            dtype=np.bool_,
        )

    async def link_documents(self, taken: set[Key]) -> None:
        """Load all that shares keys, join what belongs together, record it."""
        # Keys before cases, as everywhere: earlier versions have cases already.
        held = await self._find_beneficiaries(taken)
        await self._leave_overused(held)
        at_table = [one for one in self._incoming if one.is_known or taken.intersection(one.keys)]
        roots = {one.case_id: one.case_id for one in at_table if one.is_known}
        if roots:
            roots = await self._load(set(roots))
        for one in at_table:
            self._place_in_group(one, roots.get(one.case_id, one.case_id))
        await self._explore(taken, held)
        await self._learn_mandates()
        self._leave_others_cases(at_table)
        await self._learn_claims()
        self._join()
        await self._record(at_table)

    def _place_in_group(self, one: IncomingDocument, root: int) -> None:
        """Put a incoming document at the table: in the group of its earlier version, or alone."""
        group = self._groups.get(root)
        if group is None:
            group = self._groups[root] = Group({root}, [], [], set(), has_stored_declaration=False)
        self._places_in_groups[one.document_id] = group
        group.keys.update(one.keys)
        named = self._linked.named.get(one.document_id, ())
        if one.kind == "declaration":
            group.declared.append(declared_by(one.party_id, named))
        else:
            group.document_entries.append(
                GroupMember(
                    one.document_id,
                    one.party_id,
                    one.kind,
                    frozenset(its for its in named if its[0] != DECLARANT_ROLE),
                    in_roles(named, DECLARANT_ROLE),
                    is_stored=False,
                    is_confirmed=False,
                )
            )

    def _leave_others_cases(self, at_table: Sequence[IncomingDocument]) -> None:
        """Let new versions of documents leave cases for which they are not meant, by their sender's own word:
        each begins a case of its own, and looks for the right one."""
        for one in at_table:
            group = self._places_in_groups[one.document_id]
            if one.kind == "declaration" or not one.is_known or not group.declared:
                continue
            entry = next(its for its in group.document_entries if its.document_id == one.document_id)
            if not is_kept_from(entry, group.circle(self._covered, self._represented)):
                continue
            group.document_entries.remove(entry)
            group.has_gained = True
            one.is_known, one.case_id = False, one.document_id
            own = Group({one.document_id}, [], [entry], set(one.keys), has_stored_declaration=False)
            self._groups[one.document_id] = self._places_in_groups[one.document_id] = own

    # ---- crowds ----

    async def _leave_overused(self, held: Mapping[int, set[Key]]) -> None:
        """Take from incoming documents the keys that too many documents of their senders carry, and say
        so."""
        if len(held) + len(self._incoming) <= KEY_DOCUMENTS_COUNT_MAX:
            return
        counts = Counter(key for one in self._incoming for key in one.keys)
        counts.update(key for keys in held.values() for key in keys)
        overused = {key for key, count in counts.items() if count > KEY_DOCUMENTS_COUNT_MAX}
        if not overused:
            return
        begun: dict[tuple[Key, int], set[int]] = defaultdict(set)
        roots: dict[Key, set[int]] = defaultdict(set)
        for carrier in await matching_store.select_carriers(
            self._connection, sorted(overused), administration_id=self._administration_id, since=self._since
        ):
            begun[carrier.key, carrier.party_id].add(carrier.case_id)
            roots[carrier.key].update((carrier.case_id, carrier.root_id))
        for number, one in enumerate(self._incoming):
            for key, (kind, text) in zip(one.keys, keys_of(one.document), strict=True):
                # A version that lists what the one before it listed is no further document.
                if key not in overused or (one.is_known and one.case_id in roots[key]):
                    continue
                cases = begun[key, one.party_id]
                if len(cases) < KEY_DOCUMENTS_COUNT_MAX:
                    cases.add(one.case_id)
                else:
                    self._overused.add((number, key))
                    one.keys = [kept for kept in one.keys if kept != key]
                    self._linked.findings.setdefault(one.document_id, []).append(find_overused(kind, text))

    # ---- loading ----

    async def _explore(self, keys: set[Key], held: Mapping[int, set[Key]]) -> None:
        """Load the cases of documents that hold or carry keys, and what waits under their further keys."""
        seen = self._explored
        seen.update(keys)
        for _ in range(_ROUNDS_COUNT_MAX):
            further = await self._load_with_keys(held)
            further |= await self._disputed_keys()
            further -= seen
            if not further:
                return
            seen.update(further)
            held = await self._find_beneficiaries(further)

    async def _disputed_keys(self) -> set[Key]:
        """Return the numbers of loaded cases that are disputed: whether they still are is looked at anew."""
        if not self._disputed_roots:
            return set()
        self._was_disputed = True
        roots, self._disputed_roots = self._disputed_roots, set()
        return await matching_store.select_disputed_numbers(self._connection, sorted(roots))

    async def _find_beneficiaries(self, keys: set[Key]) -> dict[int, set[Key]]:
        """Lock keys, and return the stored cases that hold them or whose documents carry them."""
        if not keys:
            return {}
        found = await matching_store.lock_keys(
            self._connection, sorted(keys), administration_id=self._administration_id
        )
        expired = {key for key, one in found.items() if one.opened_at < self._since}
        if expired:
            await self._take_over(sorted(expired))
        held: dict[int, set[Key]] = defaultdict(set)
        for key, one in found.items():
            if key not in expired:
                held[one.case_id].add(key)
        for key, case_id in await matching_store.select_waiting(
            self._connection, sorted(keys), administration_id=self._administration_id, since=self._since
        ):
            held[case_id].add(key)
        own = {one.case_id for one in self._incoming if not one.is_known}
        return {case_id: its for case_id, its in held.items() if case_id not in own}

    async def _take_over(self, expired: Sequence[Key]) -> None:
        """Give numbers that came back after their life to the first that uses them now."""
        owners = {key: one.case_id for one in reversed(self._incoming) for key in one.keys}
        expired = [key for key in expired if key in owners]
        await matching_store.take_over_keys(
            self._connection,
            expired,
            [owners[key] for key in expired],
            administration_id=self._administration_id,
            at=self._at,
        )

    async def _load_with_keys(self, wanted: Mapping[int, set[Key]]) -> set[Key]:
        """Load cases; return the further keys of documents that wait, where a declaration may let them in.

        Through any other document nobody meets: whoever lists many numbers beside one that it merely knows
        must not have all of them looked at. And each further key is locked after cases are, out of order.
        """
        before = set(self._roots.values())
        roots = await self._load(set(wanted))
        for case_id, keys in wanted.items():
            self._groups[roots[case_id]].keys |= keys
        new = [self._groups[root] for root in set(roots.values()) - before]
        waiting = [
            (document_entry, group)
            for group in new
            if not group.declared
            for document_entry in group.document_entries
        ]
        if waiting:
            await self._learn_mandates()
        around = circles_around(self._groups.values(), self._covered, self._represented) if waiting else {}
        document_entries = {
            document_entry.document_id: group
            for document_entry, group in waiting
            if id(group) in around and counts(document_entry, around[id(group)])
        }
        further: set[Key] = set()
        if document_entries:
            for document_id, key in await matching_store.select_document_keys(
                self._connection, list(document_entries)
            ):
                document_entries[document_id].keys.add(key)
                further.add(key)
        return further

    async def _load(self, case_ids: set[int]) -> dict[int, int]:
        """Lock cases, each once, and load what is in them; returns the survivor of each."""
        before = set(self._roots.values())
        unlocked = case_ids - self._roots.keys()
        if unlocked:
            self._roots |= await lock_roots(self._connection, sorted(unlocked))
        new = sorted({self._roots[case_id] for case_id in unlocked} - before)
        for root in new:
            self._groups.setdefault(root, Group({root}, [], [], set(), has_stored_declaration=False))
        if new:
            await self._load_groups(new)
        return {case_id: self._roots[case_id] for case_id in case_ids}

    async def _load_groups(self, roots: list[int]) -> None:
        for row in await matching_store.select_declared(
            self._connection, roots, administration_id=self._administration_id, withdrawn=WITHDRAWN
        ):
            group = self._groups[row.case_id]
            group.declared.append(Declared(row.party_id, row.named))
            group.has_stored_declaration = True
            if row.is_disputed:
                self._disputed_roots.add(row.case_id)
        incoming = {one.document_id for one in self._incoming}
        for member in await matching_store.select_members(
            self._connection, roots, administration_id=self._administration_id
        ):
            kind = DOCUMENT_KINDS[member.kind - 1]
            if kind not in ("declaration", "arrival") and member.document_id not in incoming:
                self._groups[member.case_id].document_entries.append(
                    GroupMember(
                        member.document_id,
                        member.party_id,
                        kind,
                        frozenset(its for its in member.named if its[0] != DECLARANT_ROLE),
                        in_roles(member.named, DECLARANT_ROLE),
                        is_stored=True,
                        is_confirmed=member.is_confirmed,
                    )
                )

    async def _learn_mandates(self) -> None:
        """Read the mandates of those whose documents wait, and who declares for them and for those that
        documents name, each once."""
        entries = [one for group in self._groups.values() for one in group.document_entries]
        wanted = {one.party_id for one in entries if not one.is_confirmed}
        await self._ask_mandates(wanted.union(number for one in entries for _, number in one.named))

    async def _ask_mandates(self, party_ids: AbstractSet[int]) -> None:
        new = party_ids - self._asked_of
        if not new:
            return
        self._asked_of |= new
        covered = await mandate_store.select_of_parties(
            self._connection, sorted(new), administration_id=self._administration_id, at=self._at
        )
        self._covered |= covered
        self._represented |= representatives_among(covered, new)

    # ---- joining ----

    async def _learn_claims(self) -> None:
        """Find out which of several cases' declarations carry the numbers that they share, where these are
        of different declarants: a number may be a document's of the case alone."""
        for group in sorted(self._groups.values(), key=lambda one: one.survivor):
            for key in group.keys:
                self._by_key[key].append(group)
        shared = {key for key, groups in self._by_key.items() if len(groups) > 1 and have_rivals(groups)}
        if not shared:
            return
        declaring = await matching_store.select_declaring(
            self._connection, sorted(shared), administration_id=self._administration_id
        )
        for key, root in declaring:
            if root in self._groups and self._groups[root].declared:
                self._declaring[key].append(self._groups[root])
        for one in self._incoming:
            if one.kind == "declaration" and one.document_id in self._places_in_groups:
                for key in shared.intersection(one.keys):
                    self._declaring[key].append(self._places_in_groups[one.document_id])

    def _join(self) -> None:
        """Join groups over shared keys until nothing changes; lower cases first, so that all orders agree."""
        by_key = self._by_key
        keys = sorted(key for key, groups in by_key.items() if len(groups) > 1)
        has_changed = True
        while has_changed and keys:
            has_changed = False
            for key in keys:
                has_changed |= self._join_over(key, by_key[key])
            # Where all that share a key are one there is nothing left to join.
            keys = [key for key in keys if len({id(one.now) for one in by_key[key]}) > 1]

    def _join_over(self, key: Key, groups: Sequence[Group]) -> bool:
        has_changed = False
        for place, first in enumerate(groups):
            for second in groups[place + 1 :]:
                one, other = first.now, second.now
                if one is other:
                    continue
                self._note_claimed_twice(one, other)
                if belong(one, other, key[0], self._covered, self._represented):
                    self._merge(one, other, key)
                    has_changed = True
        return has_changed

    def _note_claimed_twice(self, one: Group, other: Group) -> None:
        """Note of documents that wait beside a declared case that another declarant's asks for them as well,
        and they do not say whose they are: they join neither."""
        if not self._declaring or bool(one.declared) == bool(other.declared):
            return
        inside, outside = (one, other) if one.declared else (other, one)
        around = {id(group.now): group.now for key in outside.keys for group in self._declaring.get(key, ())}
        rivals = [group for group in around.values() if are_rivals(group, inside)]
        if not rivals or id(inside) not in around:
            return
        circle = inside.circle(self._covered, self._represented)
        others = [group.circle(self._covered, self._represented) for group in rivals]
        for entry in outside.document_entries:
            if _is_asked_for(entry, circle) and not is_meant_for(entry, circle):
                entry.is_claimed_twice |= any(_is_asked_for(entry, its) for its in others)
                if entry.is_claimed_twice:
                    self._linked.claimed_twice.add(entry.document_id)

    def _merge(self, one: Group, other: Group, key: Key) -> None:
        for group in (one, other):
            if not group.declared:
                self._joined_over.update(
                    {
                        document_entry.document_id: KEY_WORDS[key[0]]
                        for document_entry in group.document_entries
                    }
                )
        one.case_ids |= other.case_ids
        one.declared += other.declared
        one.document_entries += other.document_entries
        one.has_stored_declaration |= other.has_stored_declaration
        one.has_gained = True
        other.joined = one

    # ---- recording ----

    async def _record(self, at_table: Sequence[IncomingDocument]) -> None:
        new = {one.case_id for one in at_table if not one.is_known}
        held = await self._hold_rivals()
        survivors: dict[int, int] = {}
        confirmed: list[int] = []
        links: list[tuple[int, int, str]] = []
        for group in self._groups.values():
            if group.joined is not None:
                continue
            survivor = group.survivor
            survivors.update({case_id: survivor for case_id in group.case_ids if case_id != survivor})
            if not group.declared:
                continue
            kinds = await self._kinds_that_count(group, confirmed, links)
            if survivor in held:
                kinds.add(TWO_DECLARANTS)
            self._linked.kinds[survivor] = {"declaration", *kinds}
            if group.has_stored_declaration and group.has_gained:
                self._linked.gained.add(survivor)
        for one in at_table:
            self._linked.case_ids[one.document_id] = self._places_in_groups[one.document_id].now.survivor
        if survivors:
            await matching_store.merge_cases(
                self._connection, survivors, new=new, administration_id=self._administration_id, at=self._at
            )
        if confirmed:
            await matching_store.confirm_documents(self._connection, confirmed)
            await task_store.close_possible_matches(
                self._connection, confirmed, administration_id=self._administration_id, at=self._at
            )
        if links:
            await matching_store.insert_links(
                self._connection,
                case_ids=[case_id for case_id, _, _ in links],
                document_ids=[document_id for _, document_id, _ in links],
                scores_ppm=[1_000_000] * len(links),
                details=[detail for _, _, detail in links],
                administration_id=self._administration_id,
                at=self._at,
            )

    async def _kinds_that_count(
        self, group: Group, confirmed: list[int], links: list[tuple[int, int, str]]
    ) -> set[str]:
        kinds = set()
        circle = group.circle(self._covered, self._represented)
        disputed = await self._disputed(group, circle)
        if disputed:
            kinds.add(TWO_CARRIERS)
        for document_entry in group.document_entries:
            if document_entry.document_id in disputed or not counts(document_entry, circle):
                continue
            kinds.add(document_entry.kind)
            if document_entry.is_confirmed:
                continue
            if document_entry.is_stored:
                confirmed.append(document_entry.document_id)
            else:
                self._linked.confirmed.add(document_entry.document_id)
            detail = self._joined_over.get(document_entry.document_id, "amended")
            links.append((group.survivor, document_entry.document_id, detail))
        return kinds

    async def _disputed(self, group: Group, circle: Circle) -> set[int]:
        """Return the transport documents of a case whose house document two carriers claim, each in its own
        name: neither counts. What the declarant sends itself is no claim against the carrier it names."""
        waybills = {
            document_entry.document_id: document_entry
            for document_entry in group.document_entries
            if document_entry.kind == "transport-document"
            and document_entry.party_id not in circle.declarants
            and counts(document_entry, circle)
        }
        carriers = {
            document_id: self._in_whose_name(document_entry, circle.party_ids(document_entry.kind))
            for document_id, document_entry in waybills.items()
        }
        if len(set(carriers.values())) < 2:
            return set()
        claims: dict[Key, set[int]] = defaultdict(set)
        for document_id, key in await self._keys_of(list(waybills)):
            if key[0] == HOUSE_DOCUMENT and document_id in waybills:
                claims[key].add(document_id)
        disputed = {
            document_id
            for its in claims.values()
            if len({carriers[document_id] for document_id in its}) > 1
            for document_id in its
        }
        counted = [one for one in sorted(disputed) if waybills[one].is_confirmed]
        if counted:
            await matching_store.unconfirm_documents(self._connection, counted)
        return disputed

    async def _keys_of(self, document_ids: Sequence[int]) -> list[tuple[int, Key]]:
        """Return the keys of documents, stored or incoming."""
        held = await matching_store.select_document_keys(self._connection, document_ids)
        return held + [(one.document_id, key) for one in self._incoming for key in one.keys]

    async def _hold_rivals(self) -> set[int]:
        """Return the cases (lowest id) that are held since another declarant has their number, and record
        which they are; those for which that is new, or over, are decided again."""
        now: set[tuple[Key, int]] = set()
        claimed = {
            key: list({id(group.now): group.now for group in groups}.values())
            for key, groups in self._declaring.items()
        }
        claimed = {key: its for key, its in claimed.items() if have_rivals(its)}
        if claimed:
            now = await self._find_held(claimed)
        if now or self._was_disputed:
            for group in await self._record_disputes(now):
                group.has_gained = True
        return {case_id for _, case_id in now}

    async def _find_held(self, claimed: Mapping[Key, Sequence[Group]]) -> set[tuple[Key, int]]:
        around = {id(group.now): group.now for key in claimed for group in self._by_key[key]}
        entries = {
            one.document_id: (one, group) for group in around.values() for one in group.document_entries
        }
        carried: dict[int, set[Key]] = defaultdict(set)
        for document_id, key in await self._keys_of(list(entries)):
            if document_id in entries and key in claimed:
                carried[document_id].add(key)
        await self._ask_mandates({entries[document_id][0].party_id for document_id in carried})
        claimants = {
            id(group): Claimant(
                group,
                group.circle(self._covered, self._represented),
                carriers=set[int]().union(*(one.party_ids("carrier") for one in group.declared)),
            )
            for groups in claimed.values()
            for group in groups
        }
        for document_id in carried:
            for one in claimants.values():
                one.look_at(*entries[document_id])
        return find_held(
            {key: [claimants[id(group)] for group in groups] for key, groups in claimed.items()},
            {document_id: frozenset(keys) for document_id, keys in carried.items()},
        )

    async def _record_disputes(self, now: set[tuple[Key, int]]) -> list[Group]:
        """Record which numbers of which cases are disputed; return the groups for which that is new, or
        over."""
        of_case = {case_id: group.now for group in self._groups.values() for case_id in group.case_ids}
        stored = await matching_store.select_disputes(
            self._connection,
            sorted(self._explored.union(key for key, _ in now)),
            administration_id=self._administration_id,
        )
        known = {
            (key, of_case[root].survivor): (key, case_id) for key, case_id, root in stored if root in of_case
        }
        await matching_store.change_disputes(
            self._connection,
            new=sorted(now - known.keys()),
            over=sorted(known[one] for one in known.keys() - now),
            administration_id=self._administration_id,
            at=self._at,
        )
        before, after = ({case_id for _, case_id in rows} for rows in (known.keys(), now))
        return [of_case[case_id] for case_id in before ^ after]

    def _in_whose_name(self, document_entry: GroupMember, parties: AbstractSet[int]) -> int:
        """Return the party in whose name a document was sent: its sender, or one whose mandate that has."""
        if document_entry.party_id in parties:
            return document_entry.party_id
        grantors = [
            one for one in parties if (one, document_entry.party_id, document_entry.kind) in self._covered
        ]
        return min(grantors, default=document_entry.party_id)
