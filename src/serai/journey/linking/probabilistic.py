"""Documents that share no number as it is written find each other by what else they say.

Only where something is missing: an order, payment or transport document that counts nowhere yet, a
declaration that waits for one. Who may join is decided as over equal numbers. What is too much alike, or
whose sender has no right, is offered to an officer and changes nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.formats.decoded import Document
from serai.journey.consignments.rows import Row
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.join_candidates import Likened, LinkageInput, join_incoming
from serai.journey.linking.key_groups import GroupMember
from serai.journey.linking.link import declared_by
from serai.journey.linking.matching_law import matching_law_of
from serai.journey.linking.stored_documents import SUPPORTING_DOCUMENTS, read_compared
from serai.journey.mandates import store as mandate_store
from serai.journey.mandates.rules import Represented, representatives_among
from serai.journey.matching import linkage_features_store
from serai.journey.matching import store as matching_store
from serai.journey.matching.document_frames import Matchable
from serai.journey.matching.linkage_features_store import LinkageFeature
from serai.journey.matching.match_keys import (
    FEATURE_DOCUMENTS_COUNT_MAX,
    keys_elsewhere,
    lacks,
    linkage_features_of,
)
from serai.journey.matching.rules import (
    DECLARANT_ROLE,
    KEY_LIFE_DAYS,
    Circle,
    Named,
    circle_of,
    counts,
    in_roles,
    of_declarants,
)
from serai.journey.matching.store import CountingRow
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.law.tariff import day_number
from serai.model.frames import WITHDRAWN

Connection = AsyncConnection[Any]

_ORDER, _PAYMENT, _TRANSPORT = SUPPORTING_DOCUMENTS


class WaitingDocument(NamedTuple):
    """A document of this transaction that found nobody over an equal number. declarant_ids: as of
    `Submitted`."""

    document_id: int
    kind: str
    party_id: int
    case_id: int
    document: Matchable
    declarant_ids: frozenset[int]


async def join_supporting_documents(
    services: Services,
    connection: Connection,
    law: LawState,
    document_entries: Sequence[WaitingDocument],
    *,
    at: datetime,
    at_hand: Mapping[int, Document],
) -> list[Likened]:
    """Put orders, payments and transport documents that wait into the cases they are like; all that they can
    be found by is kept for those who come later."""
    if not document_entries:
        return []
    linkage_features = _linkage_features(services, [one.document for one in document_entries])
    await linkage_features_store.insert_linkage_features(
        connection,
        [
            (linkage_feature, one.document_id, one.case_id)
            for one, its in zip(document_entries, linkage_features, strict=True)
            for linkage_feature in its
        ],
        administration_id=services.administration_id,
        at=at,
    )
    found = await _find_cases(services, connection, document_entries, linkage_features, at)
    roots = await matching_store.resolve_cases(
        connection, sorted({case for its in found.values() for case in its.same | its.candidates})
    )
    entitled = await matching_store.select_entitled(
        connection,
        sorted(set(roots.values())),
        administration_id=services.administration_id,
        withdrawn=WITHDRAWN,
    )
    represented = await mandate_store.select_representatives(
        connection,
        sorted(
            {party_id for its in entitled.values() for _, party_id in its}.union(
                one.party_id for one in document_entries
            )
        ),
        administration_id=services.administration_id,
        at=at,
    )
    declared = {case_id: _circle(its, represented) for case_id, its in entitled.items()}
    counting = await matching_store.select_counting(
        connection,
        sorted(declared),
        kinds=SUPPORTING_DOCUMENTS,
        administration_id=services.administration_id,
        withdrawn=WITHDRAWN,
    )
    kinds_there: dict[int, set[int]] = {case_id: set() for case_id in declared}
    for there in counting:
        kinds_there[there.case_id].add(there.kind)
    wanted = {
        one.document_id: _open_to(one, found[one.document_id], roots, kinds_there) for one in document_entries
    }
    asked = {case for its in wanted.values() for case in its}
    stored = await read_compared(services, [one for one in counting if one.case_id in asked], at, at_hand)
    linkage_input = LinkageInput(
        [one for one in counting if one.document_id in stored],
        [
            CountingRow(one.case_id, one.document_id, _kind(one), 0, 0, 0)
            for one in document_entries
            if wanted[one.document_id]
        ],
        {**stored, **{one.document_id: one.document for one in document_entries}},
        wanted,
    )
    by_id = {one.document_id: one for one in document_entries}
    covered = await mandate_store.select_covered(
        connection,
        sorted({one.party_id for one in document_entries}),
        administration_id=services.administration_id,
        at=at,
    )

    def may(document_id: int, case_id: int) -> bool:
        one, circle = by_id[document_id], declared[case_id]._replace(covered=covered)
        return case_id in wanted[document_id] and counts(
            _asking(one.document_id, one.party_id, one.kind, one.declarant_ids), circle
        )

    joined = await join_incoming(services, connection, law, linkage_input, may=may, at=at, new=frozenset())
    await task_store.open_possible_matches(
        connection,
        joined.offers,
        services.ids.take(len(joined.offers)).tolist(),
        administration_id=services.administration_id,
        at=at,
    )
    return joined.documents


async def join_declarations(
    services: Services, connection: Connection, law: LawState, rows: Sequence[Row], at: datetime
) -> None:
    """Let new declarations that wait for documents find those that wait for them; rows get their case and
    what counts in it. A declaration that the law lets wait can be found by later ones."""
    waiting = _lacking(law, rows, at)
    if not waiting:
        return
    administration_id = services.administration_id
    needy = {row.document_id for row, is_needy in waiting if is_needy}
    lacking = [row for row, _ in waiting]
    if not needy and not await linkage_features_store.is_anybody_waiting(
        connection, administration_id=administration_id
    ):
        return
    linkage_features = _linkage_features(services, [row.document for row in lacking])
    candidates = await linkage_features_store.select_candidates_for(
        connection,
        sorted({linkage_feature.key_hash for its in linkage_features for linkage_feature in its}),
        count_max=FEATURE_DOCUMENTS_COUNT_MAX,
        administration_id=administration_id,
        since=at - timedelta(days=KEY_LIFE_DAYS),
    )
    found = {
        row.document_id: {
            one.document_id for linkage_feature in its for one in candidates.get(linkage_feature.key_hash, ())
        }
        for row, its in zip(lacking, linkage_features, strict=True)
    }
    if any(found.values()):
        await _join_rows(
            services,
            connection,
            law,
            rows,
            lacking=[row for row in lacking if found[row.document_id]],
            found=found,
            at=at,
        )
    keys = [
        (linkage_feature, row.document_id, row.case_id)
        for row, its in zip(lacking, linkage_features, strict=True)
        if row.document_id in needy
        for linkage_feature in its
    ]
    if keys:
        await linkage_features_store.insert_linkage_features(
            connection, keys, administration_id=administration_id, at=at
        )


async def _join_rows(
    services: Services,
    connection: Connection,
    law: LawState,
    rows: Sequence[Row],
    *,
    lacking: Sequence[Row],
    found: Mapping[int, set[int]],
    at: datetime,
) -> None:
    administration_id = services.administration_id
    document_entries = await linkage_features_store.select_waiting_supporting_documents(
        connection,
        sorted({one for its in found.values() for one in its}),
        administration_id=administration_id,
    )
    if not document_entries:
        return
    roots = await matching_store.resolve_cases(connection, sorted({one.case_id for one in document_entries}))
    case_ids = sorted({row.case_id for row in lacking})
    consignment_ids = {row.consignment_id for row in lacking}
    counting = [
        one
        for one in await matching_store.select_counting(
            connection,
            case_ids,
            kinds=SUPPORTING_DOCUMENTS,
            administration_id=administration_id,
            withdrawn=WITHDRAWN,
        )
        if one.consignment_id not in consignment_ids
    ]
    incoming = [
        CountingRow(roots[one.case_id], one.document_id, one.kind, 0, one.person_roles, one.first_person_id)
        for one in document_entries
    ]
    wanted: dict[int, set[int]] = defaultdict(set)
    for row in lacking:
        for document_id in found[row.document_id]:
            wanted[document_id].add(row.case_id)
    own = {row.document_id: row.document for row in lacking}
    documents = await read_compared(services, [*counting, *incoming], at, {})
    here = [CountingRow(row.case_id, row.document_id, 1, row.consignment_id, 0, 0) for row in lacking]
    linkage_input = LinkageInput(
        [*here, *(one for one in counting if one.document_id in documents)],
        [one for one in incoming if one.document_id in documents],
        {**documents, **own},
        wanted,
    )
    by_id = {one.document_id: one for one in document_entries}
    senders = {one.party_id for one in document_entries}
    covered = await mandate_store.select_of_parties(
        connection, sorted(senders), administration_id=administration_id, at=at
    )
    represented = representatives_among(covered, senders)
    by_case: dict[int, list[Row]] = defaultdict(list)
    for row in lacking:
        by_case[row.case_id].append(row)

    def may(document_id: int, case_id: int) -> bool:
        its = [row for row in by_case[case_id] if document_id in found[row.document_id]]
        around = [declared_by(row.sender.party_id, row.named) for row in its]
        one = by_id[document_id]
        kind = DOCUMENT_KINDS[one.kind - 1]
        asking = _asking(document_id, one.party_id, kind, frozenset(one.declarant_ids))
        return counts(asking, circle_of(around, (), covered, represented))

    new = frozenset(row.case_id for row in rows if row.previous is None and row.case_id == row.consignment_id)
    before: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        before[row.case_id].append(row)
    joined = await join_incoming(services, connection, law, linkage_input, may=may, at=at, new=new)
    for offer in joined.offers:
        # Written with the decision, which is what the task is about.
        by_case[offer.case_id][0].possible_documents.append((offer.document_id, offer.score_ppm))
    survivor_of = {roots[by_id[one.document_id].case_id]: one.case_id for one in joined.documents}
    for one in joined.documents:
        kind = by_id[one.document_id].kind
        for row in before[linkage_input.case_of_joined[one.document_id]]:
            row.case_id = survivor_of[roots[by_id[one.document_id].case_id]]
            row.has_order |= kind == _ORDER
            row.has_payment |= kind == _PAYMENT
            row.has_transport_document |= kind == _TRANSPORT


def _asking(document_id: int, party_id: int, kind: str, declarant_ids: frozenset[int]) -> GroupMember:
    """Return a document that waits as one that asks to be let in."""
    return GroupMember(
        document_id, party_id, kind, frozenset(), declarant_ids, is_stored=True, is_confirmed=False
    )


def _circle(parts: Named, represented: Represented) -> Circle:
    """Return who may count in a case. parts: of whoever has one, declarants among them."""
    declarants = in_roles(parts, DECLARANT_ROLE)
    return Circle(declarants, of_declarants(parts, declarants, represented), represented=represented)


def _lacking(law: LawState, rows: Sequence[Row], at: datetime) -> list[tuple[Row, bool]]:
    """Return new rows that wait for a document, and whether the law lets them wait."""
    needed: dict[tuple[str, str], int] = {}
    found = []
    for row in rows:
        if row.previous is not None:
            continue
        declaration = row.declaration
        place = (declaration.consignee_country_code, declaration.logistics_channel_code)
        if place not in needed:
            its = matching_law_of(law.book, row.document, day_number(at.date()))
            needed[place] = 0 if its is None else its.needed_kinds
        if not needed[place] and not declaration.order_references:
            continue  # by far the most
        there = 1 << 1 | row.has_order << 2 | row.has_payment << 3 | row.has_transport_document << 4
        if lacks(declaration, there, needed[place]):
            found.append((row, bool(needed[place] & ~there)))
    return found


class _Found(NamedTuple):
    """Cases that may be those of a paper. same: where its number stands, in another field or written
    otherwise; candidates: where one has the same signs."""

    same: set[int]
    candidates: set[int]


async def _find_cases(
    services: Services,
    connection: Connection,
    document_entries: Sequence[WaitingDocument],
    linkage_features: Sequence[Sequence[LinkageFeature]],
    at: datetime,
) -> dict[int, _Found]:
    """Return the cases that may be those of document_entries: of what they are like, and that hold their
    numbers in another field."""
    since = at - timedelta(days=KEY_LIFE_DAYS)
    candidates = await linkage_features_store.select_candidates_for(
        connection,
        sorted({linkage_feature.key_hash for its in linkage_features for linkage_feature in its}),
        count_max=FEATURE_DOCUMENTS_COUNT_MAX,
        administration_id=services.administration_id,
        since=since,
    )
    holders: dict[int, set[int]] = defaultdict(set)
    for place, case_id in await matching_store.select_holders(
        connection,
        keys_elsewhere([one.document for one in document_entries], services.pseudonymiser.key_hashes),
        administration_id=services.administration_id,
        since=since,
    ):
        holders[place].add(case_id)
    found: dict[int, _Found] = {}
    for place, (one, own) in enumerate(zip(document_entries, linkage_features, strict=True)):
        others = [
            (linkage_feature, other)
            for linkage_feature in own
            for other in candidates.get(linkage_feature.key_hash, ())
            if other.document_id != one.document_id
        ]
        same = {
            other.case_id
            for linkage_feature, other in others
            if other.plain_hash == linkage_feature.plain_hash
        }
        same |= holders.get(place, set())
        found[one.document_id] = _Found(
            same - {one.case_id}, {other.case_id for _, other in others} - {one.case_id}
        )
    return found


def _open_to(
    one: WaitingDocument, found: _Found, roots: Mapping[int, int], kinds_there: Mapping[int, set[int]]
) -> set[int]:
    """Return the cases with a declaration that a paper may belong to. kinds_there: what counts in each.

    Where numbers are counted up many have the same signs: without the same number, what a case has already it
    does not take again.
    """
    kind = _kind(one)
    open_cases = {roots[case] for case in found.same} & kinds_there.keys()
    for case in found.candidates:
        if kind not in kinds_there.get(roots[case], {kind}):
            open_cases.add(roots[case])
    return open_cases


def _linkage_features(services: Services, documents: Sequence[Matchable]) -> list[list[LinkageFeature]]:
    found = [linkage_features_of(document) for document in documents]
    texts = [text.encode() for its in found for text in its]
    plain = [number.encode() for its in found for number in its.values()]
    hashes, _ = services.pseudonymiser.key_hashes([*texts, *plain])
    rows = map(LinkageFeature, hashes[: len(texts)].tolist(), hashes[len(texts) :].tolist())
    return [[next(rows) for _ in its] for its in found]


def _kind(one: WaitingDocument) -> int:
    return DOCUMENT_KINDS.index(one.kind) + 1
