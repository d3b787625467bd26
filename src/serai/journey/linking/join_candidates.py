"""Joining incoming documents to the cases they are likest: the surest join, the others are offered to
officers."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_locks import lock_roots
from serai.journey.linking.matching_law import MatchingLaw, matching_law_of
from serai.journey.matching import store as matching_store
from serai.journey.matching.document_frames import Matchable
from serai.journey.matching.document_frames import read_documents as read_frames
from serai.journey.matching.grouping import pairs_within
from serai.journey.matching.joining import EXACT_DOCUMENTS_COUNT_MAX, DocumentLimits, join_likely
from serai.journey.matching.store import CountingRow
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.journey.tasks.store import Offer
from serai.law.tariff import day_number
from serai.model.columns import Int64s
from serai.model.documents import Consignment

Connection = AsyncConnection[Any]


class Likened(NamedTuple):
    """A document put into a case over what it is like. case_id: the case that survived."""

    document_id: int
    case_id: int


class Joined(NamedTuple):
    """What came of comparing documents. offers: what is less sure or lacks the right, for an officer."""

    documents: list[Likened]
    offers: list[Offer]


class LinkageInput:
    """Documents that count in cases, and incoming documents that wait, each alone. wanted: by incoming
    document, the cases that it is like; with others it is not compared. case_of_joined: of incoming documents
    that joined."""

    def __init__(
        self,
        counting: Sequence[CountingRow],
        incoming: Sequence[CountingRow],
        documents: Mapping[int, Matchable],
        wanted: Mapping[int, AbstractSet[int]],
    ) -> None:
        self.counting, self.incoming, self.documents, self.wanted = counting, incoming, documents, wanted
        self.case_of_joined: dict[int, int] = {}


class _Likely(NamedTuple):
    """A incoming document and the case it is likest. is_sure: by the law's limit and ahead of any other."""

    document_id: int
    case_id: int
    score_ppm: int
    is_sure: bool


async def join_incoming(
    services: Services,
    connection: Connection,
    law: LawState,
    linkage_input: LinkageInput,
    *,
    may: Callable[[int, int], bool],
    at: datetime,
    new: frozenset[int],
) -> Joined:
    """Join incoming documents to cases and record it. new: cases that are not opened yet."""
    likely = _likely(law, linkage_input, day_number(at.date()))
    own = {one.document_id: one.case_id for one in linkage_input.incoming}
    rightful = [one for one in likely if one.is_sure and may(one.document_id, one.case_id)]
    sure = await _hold(connection, rightful, own)
    joined = {one.document_id for one in sure}
    offers = [
        Offer(one.case_id, one.document_id, one.score_ppm) for one in likely if one.document_id not in joined
    ]
    if not sure:
        return Joined([], offers)
    groups: dict[int, set[int]] = defaultdict(set)
    for one in sure:
        linkage_input.case_of_joined[one.document_id] = one.case_id
        groups[one.case_id] |= {one.case_id, own[one.document_id]}
    survivor = {case_id: min(its) for case_id, its in groups.items()}
    await matching_store.merge_cases(
        connection,
        {
            case: survivor[case_id]
            for case_id, its in groups.items()
            for case in its
            if case != survivor[case_id]
        },
        new=set(new),
        administration_id=services.administration_id,
        at=at,
    )
    await matching_store.confirm_documents(connection, sorted(joined))
    await matching_store.insert_links(
        connection,
        case_ids=[survivor[one.case_id] for one in sure],
        document_ids=[one.document_id for one in sure],
        scores_ppm=[one.score_ppm for one in sure],
        details=["likeness"] * len(sure),
        administration_id=services.administration_id,
        at=at,
    )
    await task_store.close_possible_matches(
        connection, sorted(joined), administration_id=services.administration_id, at=at
    )
    return Joined([Likened(one.document_id, survivor[one.case_id]) for one in sure], offers)


async def _hold(connection: Connection, sure: Sequence[_Likely], own: Mapping[int, int]) -> list[_Likely]:
    """Lock the few cases that are to become one, and return the joins whose cases still stand.

    Looking for likenesses locks nothing: who is like many would make all of them wait.
    """
    if not sure:
        return []
    wanted = {case for one in sure for case in (one.case_id, own[one.document_id])}
    roots = await lock_roots(connection, sorted(wanted))
    return [one for one in sure if all(roots[case] == case for case in (one.case_id, own[one.document_id]))]


def _likely(law: LawState, linkage_input: LinkageInput, day: int) -> list[_Likely]:
    """Return for each incoming document the case it is likest, under the law of each case."""
    by_law: dict[MatchingLaw, list[CountingRow]] = defaultdict(list)
    by_case: dict[int, list[CountingRow]] = defaultdict(list)
    for one in linkage_input.counting:
        by_case[one.case_id].append(one)
    for its in by_case.values():
        declared = [linkage_input.documents[one.document_id] for one in its]
        first = next((one for one in declared if isinstance(one, Consignment)), None)
        its_law = None if first is None else matching_law_of(law.book, first, day)
        if its_law is not None:
            by_law[its_law] += its
    best: dict[int, _Likely] = {}
    for its_law, counting in by_law.items():
        for found in _likely_under(its_law, linkage_input, counting):
            known = best.get(found.document_id)
            if known is None or (found.is_sure, found.score_ppm) > (known.is_sure, known.score_ppm):
                best[found.document_id] = found
    return list(best.values())


def _likely_under(
    law: MatchingLaw, linkage_input: LinkageInput, counting: Sequence[CountingRow]
) -> list[_Likely]:
    cases = {one.case_id for one in counting}
    incoming = [
        one for one in linkage_input.incoming if not cases.isdisjoint(linkage_input.wanted[one.document_id])
    ]
    if not incoming:
        return []
    everyone = [*counting, *incoming]

    frames = read_frames([linkage_input.documents[one.document_id] for one in everyone], [0] * len(everyone))
    # Comers stand alone, each in a group of its own, though they may be of one case by now.
    groups = [one.case_id for one in counting] + [-one.document_id for one in incoming]
    _, first, place = np.unique(np.array(groups, dtype=np.int64), return_index=True, return_inverse=True)
    label = first[place]
    limits = DocumentLimits((law.limits,), np.zeros(len(everyone), dtype=np.int64))
    is_held = np.arange(len(everyone)) < len(counting)
    pairs = pairs_of_cases(
        counting,
        incoming,
        {one.document_id: linkage_input.wanted[one.document_id] & cases for one in incoming},
    )
    joined = join_likely(*frames, label, pairs=pairs, is_held=is_held, limits=limits, factor=law.factor)
    case_of = {
        int(new): counting[row].case_id for row, new in enumerate(joined.label[: len(counting)].tolist())
    }
    found = []
    for row, one in enumerate(incoming, start=len(counting)):
        if joined.label[row] != label[row] or int(joined.label[row]) in case_of:
            case_id = case_of.get(int(joined.label[row]))
            if case_id is not None:
                score = int(joined.score_ppm[row])
                found.append(_Likely(one.document_id, case_id, score, is_sure=True))
    sure = {one.document_id for one in found}
    return [
        *found,
        *(one for one in _possible(joined, everyone, len(counting)) if one.document_id not in sure),
    ]


def pairs_of_cases(
    counting: Sequence[CountingRow], incoming: Sequence[CountingRow], wanted: Mapping[int, AbstractSet[int]]
) -> tuple[Int64s, Int64s]:
    """Return the rows of documents that may be of one case: what counts in it, and who is like it.

    Everyone with everyone would grow with the square of a batch. A case that too many are like says nothing
    of any of them, as with equal numbers.
    """
    rows = [(row, one.case_id) for row, one in enumerate(counting)]
    rows += [
        (row, case_id)
        for row, one in enumerate(incoming, start=len(counting))
        for case_id in wanted[one.document_id]
    ]
    table = np.array(rows, dtype=np.int64)
    return pairs_within(table[:, 0], table[:, 1], count_max=EXACT_DOCUMENTS_COUNT_MAX)


def _possible(joined: Any, everyone: Sequence[CountingRow], counting_count: int) -> list[_Likely]:
    from_bits = joined.possible
    found = []
    for first, second, bits in zip(
        from_bits.first.tolist(), from_bits.second.tolist(), from_bits.bits.tolist(), strict=True
    ):
        low, high = sorted((first, second))
        if low < counting_count <= high:
            score = (1 << bits) * 1_000_000 // ((1 << bits) + 1) if 0 <= bits < 60 else 999_999
            found.append(_Likely(everyone[high].document_id, everyone[low].case_id, score, is_sure=False))
    return found
