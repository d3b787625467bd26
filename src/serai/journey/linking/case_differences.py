"""What the documents of a case say against each other: looked at whenever one of them comes or changes.

Names are compared as pseudonyms; those that are not at hand are read from the vault for this purpose, and the
vault's ledger says so. What was found is kept, so that a case that is decided again for another reason says
the same without reading anything.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.formats.decoded import Document
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments.rows import Row
from serai.journey.differences.codes import DIFFERENCES
from serai.journey.differences.findings import findings_of, says_more_was_paid, without_figures
from serai.journey.differences.verdicts import compare_cases
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.matching_law import MatchingLaw, matching_law_of
from serai.journey.linking.stored_documents import SUPPORTING_DOCUMENTS, read_compared
from serai.journey.matching import store as matching_store
from serai.journey.matching.document_frames import Matchable
from serai.journey.matching.document_frames import read_documents as read_frames
from serai.journey.matching.rules import TWO_CARRIERS_CLAIM, TWO_DECLARANTS_CLAIM
from serai.journey.matching.store import CaseMatch, CountingRow
from serai.journey.reconciliation.case_sums import DECLARED
from serai.journey.services import Services
from serai.law.tariff import day_number
from serai.model.documents import Consignment, Order
from serai.model.findings import Finding
from serai.model.frames import WITHDRAWN

Connection = AsyncConnection[Any]

CASE_FINDINGS = frozenset(
    [
        *(code for code, one in DIFFERENCES.items() if one.weight != "awaited"),
        TWO_CARRIERS_CLAIM.code,
        TWO_DECLARANTS_CLAIM.code,
    ]
)
"""Codes of what is said of whole cases."""

_SAID = msgspec.json.Decoder(list[Finding])


class Known(NamedTuple):
    """What was read of cases already: what counts in them as it is stored, and documents without their
    people."""

    counting: Sequence[CountingRow]
    documents: Mapping[int, Document]


async def compare_documents(
    services: Services,
    connection: Connection,
    rows: Sequence[Row],
    *,
    law: LawState,
    at: datetime,
    at_hand: Mapping[int, Document],
    known: Known | None = None,
) -> None:
    """Look at the cases of rows anew; each row gets what is said of its case.

    at_hand: documents of this transaction, with their people, which the vault does not show yet. Those of
    rows that are new are at hand in the rows. known: what was read of their cases before.
    """
    met = sorted({row.case_id for row in rows if row.has_supporting_documents})
    for row in rows:
        row.case_findings, row.is_value_contradicted = [], False
    if not met:
        return
    own = {row.document_id: row.document for row in rows if row.cut is not None}
    if known is None:
        known = Known(await select_counting(services, connection, met), {})
    counting = _counting(known.counting, rows, frozenset(met))
    documents = await read_compared(services, counting, at, {**at_hand, **own}, opened=known.documents)
    counting = [one for one in counting if one.document_id in documents]
    joins = await matching_store.select_joins(connection, [one.document_id for one in counting])
    order = _Order(services, counting, documents, joins, law, day_number(at.date()))
    judged = await beside_the_loop(len(counting), _judge, order)
    if judged:
        await matching_store.insert_case_matches(
            connection,
            list(judged.values()),
            services.ids.take(len(judged)).tolist(),
            administration_id=services.administration_id,
            at=at,
        )
    _tell_rows(rows, judged)
    tokens = {
        one.case_id: document.tax_paid_token
        for one in counting
        if isinstance(document := documents[one.document_id], Order) and document.tax_paid_token
    }
    if tokens:
        for row in rows:
            row.order_token = tokens.get(row.case_id)


async def recall_differences(connection: Connection, rows: Sequence[Row], *, administration_id: int) -> None:
    """Give rows what was said of their cases when their documents were last looked at."""
    case_ids = sorted({row.case_id for row in rows if row.has_supporting_documents})
    found = (
        await matching_store.select_case_matches(connection, case_ids, administration_id=administration_id)
        if case_ids
        else {}
    )
    _tell_rows(rows, found)


def _tell_rows(rows: Sequence[Row], matches: Mapping[int, CaseMatch]) -> None:
    for row in rows:
        match = matches.get(row.case_id)
        said = [] if match is None else _SAID.decode(match.said)
        # A decision is read by all parties of a case: figures are for those who may read the documents.
        row.case_findings = without_figures(said) if said else []
        row.is_value_contradicted = bool(said) and says_more_was_paid(said)


async def select_counting(
    services: Services, connection: Connection, case_ids: Sequence[int]
) -> list[CountingRow]:
    """Return what counts in cases as it is stored: declarations, orders, payments, transport documents."""
    return await matching_store.select_counting(
        connection,
        case_ids,
        kinds=SUPPORTING_DOCUMENTS,
        administration_id=services.administration_id,
        withdrawn=WITHDRAWN,
    )


def _counting(
    stored: Sequence[CountingRow], rows: Sequence[Row], case_ids: AbstractSet[int]
) -> list[CountingRow]:
    """Return what counts in cases: as it is stored, and in place of consignments that are here their rows."""
    here = {row.consignment_id: row for row in rows}
    kept = [one for one in stored if one.case_id in case_ids and one.consignment_id not in here]
    people = {one.document_id: one for one in stored}
    for row in rows:
        if row.case_id in case_ids and not row.is_withdrawn:
            known = people.get(row.document_id)
            kept.append(
                CountingRow(
                    row.case_id,
                    row.document_id,
                    DECLARED,
                    row.consignment_id,
                    known.person_roles if known else 0,
                    known.first_person_id if known else 0,
                )
            )
    return sorted(kept, key=lambda one: (one.case_id, one.document_id))


# ---- judging ----


class _Order(NamedTuple):
    """All that judging needs: handed to a thread as one."""

    services: Services
    counting: Sequence[CountingRow]
    documents: Mapping[int, Matchable]
    joins: Mapping[int, int]
    law: LawState
    day: int


def _judge(order: _Order) -> dict[int, CaseMatch]:
    """Judge cases, those under one law together."""
    by_case: dict[int, list[CountingRow]] = defaultdict(list)
    for one in order.counting:
        by_case[one.case_id].append(one)
    by_law: dict[MatchingLaw, list[int]] = defaultdict(list)
    for case_id, its in by_case.items():
        declared = [order.documents[one.document_id] for one in its if one.kind == DECLARED]
        first = next((one for one in declared if isinstance(one, Consignment)), None)
        law = None if first is None else matching_law_of(order.law.book, first, order.day)
        if law is not None:
            by_law[law].append(case_id)
    judged: dict[int, CaseMatch] = {}
    for law, case_ids in by_law.items():
        judged |= _judge_under(order, law, [one for case_id in case_ids for one in by_case[case_id]])
    return judged


def _judge_under(order: _Order, law: MatchingLaw, counting: Sequence[CountingRow]) -> dict[int, CaseMatch]:
    documents, numbers = read_frames(
        [order.documents[one.document_id] for one in counting], [0] * len(counting)
    )
    case_ids = np.array([one.case_id for one in counting], dtype=np.int64)
    _, first, place = np.unique(case_ids, return_index=True, return_inverse=True)
    matched = compare_cases(
        documents,
        numbers,
        [law.limits],
        law.factor,
        label=first[place],
        joined_ppm=np.array(
            [order.joins.get(one.document_id, 1_000_000) for one in counting], dtype=np.int64
        ),
        expected_kinds=law.expected_kinds,
    )
    said = findings_of(matched)
    verdicts = matched.cases.numbers("verdict_number").tolist()
    scores = matched.cases.numbers("score_ppm").tolist()
    found = {}
    for number, row in enumerate(matched.cases.numbers("case").tolist()):
        case_id = int(case_ids[row])
        findings = [one for one in said[number] if one.code in CASE_FINDINGS]
        awaited = [one.code for one in said[number] if one.code not in CASE_FINDINGS]
        text = msgspec.json.encode(findings).decode()
        found[case_id] = CaseMatch(case_id, verdicts[number], scores[number], text, awaited)
    return found
