"""Deciding again: what has changed about a consignment is put beside what was recorded of it.

If the law makes a difference, a new decision names the one it replaces; else nothing is recorded.
"""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace
from psycopg import AsyncConnection

from serai.formats.decoded import Document
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.allowances import store as cumulative_allowance_store
from serai.journey.allowances.store import CumulativeAllowanceKey
from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Basis
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.rows import RecordedFacts, Row, is_of_measure
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.decision.rules import ACCEPTANCE_LAW_UNREADABLE, WAITS_FOR_LAW
from serai.journey.decision.store import DecisionRow
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.law_in_force.acceptance import laws_of_acceptance
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_differences import (
    CASE_FINDINGS,
    Known,
    compare_documents,
    recall_differences,
    select_counting,
)
from serai.journey.linking.case_locks import lock_roots, resolve_cases
from serai.journey.linking.stored_documents import read_documents
from serai.journey.matching import store as matching_store
from serai.journey.matching.store import CountingRow
from serai.journey.permits.permit import PERMIT_FINDINGS
from serai.journey.pipeline import Processed
from serai.journey.processing.context import mark_present
from serai.journey.recording.controls.permits.drawing import permits_differ
from serai.journey.recording.controls.permits.settling import settle_permits
from serai.journey.recording.cumulative_allowances import (
    draws_differ,
    hold_cumulative_allowances,
    note_draws,
    reopened_keys,
)
from serai.journey.recording.read_back import row_to_redetermine
from serai.journey.recording.record import decide_and_record
from serai.journey.recording.run import recall_rows, run_pipeline
from serai.journey.recording.standing_acts import read_acts
from serai.journey.release.rules import is_allowed
from serai.journey.services import Services
from serai.law.tariff import day_of
from serai.model.columns import Frame
from serai.model.documents import Consignment
from serai.model.findings import Finding
from serai.model.frames import FINAL_STATUSES, RELEASED, STATUSES
from serai.model.packed_detail import CHARGE_KINDS, DUES, Detail, PackedCharge

Connection = AsyncConnection[Any]

CHUNK_COUNT = 5_000
"""Consignments decided again in one transaction at most."""


async def redetermine(
    services: Services,
    connection: Connection,
    law: LawState,
    consignment_ids: Sequence[int],
    at: datetime,
    *,
    at_hand: Mapping[int, Document] | None = None,
    may_reopen: bool = True,
    has_new_documents: bool = False,
    arrived: Mapping[int, datetime] | None = None,
    listed: Mapping[int, bool] = MappingProxyType({}),
    secured_id: int | None = None,
    proven: frozenset[int] = frozenset(),
    released: set[int] | None = None,
) -> list[Row]:
    """Decide consignments again in the caller's transaction; returns those that got a new decision.

    What is released or withdrawn stays as it is: later doubts are post-clearance. secured_id: the one that
    was released against security: what it owes is determined anew, and it stays released (UCC 195). at_hand:
    documents of this very transaction, which the vault does not show yet. may_reopen: others whose law says
    so are decided again, too. has_new_documents: what the documents of a case say against each other is
    looked at anew; else what was found stands. arrived: when they arrived, as is just known. listed: whether
    somebody bears a name of a list, of those where that was looked at anew. proven: those whose scheme number
    a token proves. released: gets the cases of what stays as it is because it is released. A message that was
    erased cannot be read again: its consignment
    stays as it is. What was accepted is decided again by the law of its acceptance.
    """
    consignments = await _lock(connection, consignment_ids, services.administration_id)
    if released is not None:
        released.update(one.case_id for one in consignments if one.status == RELEASED)
    consignments = [
        one
        for one in consignments
        if one.status not in FINAL_STATUSES or (one.consignment_id == secured_id and one.status == RELEASED)
    ]
    newest = await newest_decisions(services, connection, consignments) if consignments else {}
    case = _Again(
        services, connection, law, at, at_hand or {}, has_new_documents, arrived, listed, newest, proven
    )
    changed: list[Row] = []
    for its_law, some in await _by_law(case, consignments):
        changed += await _redetermine_under(case, its_law, some)
    if may_reopen and (reopened := reopened_keys(changed)):
        await reopen_earlier(services, connection, law, changed, at, keys=reopened)
    return changed


class _Again(NamedTuple):
    """What a redetermination is told, as `redetermine`. newest: the decision that stands on each."""

    services: Services
    connection: Connection
    law: LawState
    at: datetime
    at_hand: Mapping[int, Document]
    has_new_documents: bool
    arrived: Mapping[int, datetime] | None
    listed: Mapping[int, bool]
    newest: Mapping[int, DecisionRow]
    proven: frozenset[int]


async def _by_law(
    case: _Again, consignments: Sequence[ConsignmentRow]
) -> list[tuple[LawState, list[ConsignmentRow]]]:
    """Return consignments by the law that decides them, in their order: of what was accepted, and decided
    with all that it needed, that of its acceptance; else the one in force."""
    accepted = {
        one.consignment_id: decision.basis_id
        for one in consignments
        if (decision := case.newest.get(one.consignment_id)) is not None and _is_settled(case, one, decision)
    }
    laws = await laws_of_acceptance(case.connection, case.law, list(accepted.values()))
    groups: dict[int, tuple[LawState, list[ConsignmentRow]]] = {}
    for one in consignments:
        its_law = laws.get(accepted.get(one.consignment_id, 0), case.law)
        groups.setdefault(id(its_law), (its_law, []))[1].append(one)
    return list(groups.values())


def _is_settled(case: _Again, one: ConsignmentRow, decision: DecisionRow) -> bool:
    """Say whether goods were accepted for good, under a law that said all that it was asked."""
    arrived_at = None if case.arrived is None else case.arrived.get(one.consignment_id)
    is_moved = arrived_at is not None and one.arrived_at not in (None, arrived_at)
    return (
        not decision.is_provisional
        and not is_moved
        and not any(finding.code in WAITS_FOR_LAW for finding in decision.detail.findings)
    )


async def _redetermine_under(
    case: _Again, law: LawState, consignments: Sequence[ConsignmentRow]
) -> list[Row]:
    """Decide consignments of locked cases again under one law."""
    services, connection, _, at, at_hand, has_new_documents, arrived, listed, newest, proven = case
    administration_id = services.administration_id
    roots = await resolve_cases(connection, [one.case_id for one in consignments])
    counting = await select_counting(services, connection, sorted(set(roots.values())))
    documents = await read_documents(
        services,
        {one.document_id: "declaration" for one in consignments},
        "decide-again",
        at,
        at_hand,
    )
    if arrived is not None:
        consignments = [
            replace(one, arrived_at=arrived.get(one.consignment_id, one.arrived_at)) for one in consignments
        ]
    rows = rows_of(services, consignments, documents, newest)
    if not rows:
        return []
    disputed = await matching_store.select_disputed(
        connection, sorted(set(roots.values())), administration_id=administration_id
    )
    kinds = kinds_of(counting, disputed)
    for row in rows:
        row.case_id = roots[row.case_id]
        if row.consignment_id in listed:
            assert row.facts is not None, "decided again on recorded facts"
            is_listed = listed[row.consignment_id]
            row.facts = RecordedFacts(row.facts.words, {**row.facts.flags, "is_party_listed": is_listed})
        if row.consignment_id in proven:
            assert row.facts is not None, "decided again on recorded facts"
            row.facts = RecordedFacts({**row.facts.words, "scheme_status_code": "valid"}, row.facts.flags)
        mark_present(row, kinds[row.case_id])
    await read_acts(connection, rows, administration_id=administration_id)
    if has_new_documents or any(row.is_withdrawn for row in rows):
        await compare_documents(
            services,
            connection,
            rows,
            law=law,
            at=at,
            at_hand=at_hand,
            known=Known(counting, documents),
        )
    else:
        await recall_differences(connection, rows, administration_id=administration_id)
    for row in rows:
        if newest[row.consignment_id].basis_id in law.unreadable:
            row.case_findings = [*row.case_findings, ACCEPTANCE_LAW_UNREADABLE]
    checked = await beside_the_loop(len(rows), recall_rows, rows, law, at)
    await hold_cumulative_allowances(services, connection, rows, checked, law)
    checked = await settle_permits(services, connection, rows, checked, law, at=at)
    processed = _keep_released(rows, await beside_the_loop(len(rows), run_pipeline, rows, checked, law, at))
    note_draws(rows, processed)
    before = await _read_before(connection, rows)
    differing = [
        place
        for place, row in enumerate(rows)
        if before.differs(place, row, processed) or draws_differ(row) or permits_differ(row)
    ]
    if not differing:
        return []
    changed = [rows[place] for place in differing]
    await _notify_everybody(connection, changed)
    await decide_and_record(
        services,
        connection,
        changed,
        law,
        at,
        kind="release" if any(row.arrived_at_ms is not None for row in changed) else "pre-arrival",
        processed=processed if len(changed) == len(rows) else None,
    )
    return changed


def _keep_released(rows: Sequence[Row], processed: Processed) -> Processed:
    """Let what is released stay so, whatever it owes now."""
    are_released = [row.previous is not None and row.previous.status == RELEASED for row in rows]
    if not any(are_released):
        return processed
    consignments = processed.consignments
    status = np.where(are_released, RELEASED, consignments.numbers("status_number"))
    columns = {**consignments.columns, "status_number": status}
    return dataclasses.replace(processed, consignments=Frame(consignments.row_count, columns))


async def reopen_earlier(
    services: Services,
    connection: Connection,
    law: LawState,
    rows: Sequence[Row],
    at: datetime,
    *,
    keys: Sequence[CumulativeAllowanceKey],
) -> None:
    """Decide again what shares a cumulative allowance with rows that were just decided, where the law lets
    later ones change earlier ones. keys: of these allowances, `reopened_keys`.

    At once, so that nobody is told what holds no more. It locks cases after cumulative allowances, against
    the order: two batches that reopen each other's give way and are tried again. Those decided again reopen
    nothing.
    """
    found = await cumulative_allowance_store.select_counted(
        connection, keys, administration_id=services.administration_id
    )
    others = sorted(set(found) - {row.consignment_id for row in rows})
    for begin in range(0, len(others), CHUNK_COUNT):
        chunk = others[begin : begin + CHUNK_COUNT]
        await redetermine(services, connection, law, chunk, at, may_reopen=False)


async def _lock(
    connection: Connection, consignment_ids: Sequence[int], administration_id: int
) -> list[ConsignmentRow]:
    """Lock the cases of consignments, then read the consignments as they stand now; sorted by id."""
    found = await consignment_store.select_consignments(
        connection, consignment_ids, administration_id=administration_id
    )
    await lock_roots(connection, [one.case_id for one in found])
    found = await consignment_store.select_consignments(
        connection, consignment_ids, administration_id=administration_id
    )
    return sorted(found, key=lambda one: one.consignment_id)


def rows_of(
    services: Services,
    consignments: Sequence[ConsignmentRow],
    documents: Mapping[int, Document],
    newest: Mapping[int, DecisionRow],
) -> list[Row]:
    """Return rows to decide consignments again, of those whose documents can be read."""
    readable = [one for one in consignments if one.document_id in documents]
    decision_ids = services.ids.take(len(readable)).tolist()
    rows = []
    for one, decision_id in zip(readable, decision_ids, strict=True):
        document = documents[one.document_id]
        assert isinstance(document, Consignment)
        row = row_to_redetermine(one, document, newest[one.consignment_id], decision_id)
        arrived_at_ms = None if one.arrived_at is None else int(one.arrived_at.timestamp() * 1000)
        if row.arrived_at_ms is not None and row.accepted_at_ms == row.arrived_at_ms != arrived_at_ms:
            # Accepted by arriving; now it is known that it arrived at another time.
            row.accepted_at_ms = None
        row.arrived_at_ms = arrived_at_ms
        rows.append(row)
    return rows


async def newest_decisions(
    services: Services, connection: Connection, consignments: Sequence[ConsignmentRow]
) -> dict[int, DecisionRow]:
    """Return the decision that stands on each consignment."""
    standing = {one.decision_id for one in consignments}
    decisions = await decision_store.select_decisions(
        connection,
        [one.consignment_id for one in consignments],
        administration_id=services.administration_id,
    )
    return {one.consignment_id: one for one in decisions if one.decision_id in standing}


# ---- the case around ----


def kinds_of(counting: Sequence[CountingRow], disputed: Collection[tuple[int, str]]) -> dict[int, set[str]]:
    """Return which documents count in each case, and who is disputed in it."""
    kinds: dict[int, set[str]] = defaultdict(set)
    for one in counting:
        kinds[one.case_id].add(DOCUMENT_KINDS[one.kind - 1])
    for case_id, by_whom in disputed:
        kinds[case_id].add(by_whom)
    return kinds


async def _notify_everybody(connection: Connection, rows: Sequence[Row]) -> None:
    parties = await matching_store.select_parties(connection, sorted({row.case_id for row in rows}))
    for row in rows:
        others = parties.get(row.case_id, set()) - {row.sender.party_id}
        row.notified_party_ids = tuple(sorted(others))


# ---- what differs ----


class _Before(msgspec.Struct):
    """What stands: the bases of the decisions, by id; the decisions themselves hang on the rows."""

    bases: dict[int, Basis]

    def differs(self, place: int, row: Row, processed: Processed) -> bool:
        """Say whether the new outcome differs in lane, status, law, reasons, charges or case findings."""
        assert row.previous is not None
        assert row.previous_detail is not None
        frame, previous, detail = processed.consignments, row.previous, row.previous_detail
        status = int(frame.numbers("status_number")[place])
        assert is_allowed(STATUSES[previous.status], STATUSES[status]), (previous.status, status)
        basis = self.bases[previous.basis_id]
        number = int(frame.numbers("law_number")[place])
        program = next((one.run.program for one in processed.runs if one.number == number), None)
        return (
            int(frame.numbers("lane_number")[place]) != previous.lane
            or status != previous.status
            or (program.code if program else "") != basis.program_code
            or day_of(int(frame.numbers("law_on")[place])) != previous.law_on
            or _named(processed.reason_sets[number].rule_ids, frame.bit_sets("reason_bits")[place])
            != _named(basis.reason_set, previous.reason_bits)
            or _case_findings(row.said_of_case) != _recorded_findings(detail)
            or _new_charges(place, processed) != _old_charges(detail.charges, basis)
        )


async def _read_before(connection: Connection, rows: Sequence[Row]) -> _Before:
    basis_ids = sorted({row.previous.basis_id for row in rows if row.previous is not None})
    return _Before(await assessment_store.select_basis(connection, basis_ids))


def _named(rule_ids: Sequence[str], bits: int) -> set[str]:
    return {rule_id for bit, rule_id in enumerate(rule_ids) if bits >> bit & 1}


def _case_findings(findings: Sequence[Finding]) -> set[tuple[str, str]]:
    return {(one.code, next(iter(one.parameters.values()), "")) for one in findings}


def _recorded_findings(detail: Detail) -> set[tuple[str, str]]:
    return {
        (one.code, one.word)
        for one in detail.findings
        if one.code in CASE_FINDINGS or one.code in PERMIT_FINDINGS or is_of_measure(one.code)
    }


def _old_charges(charges: Sequence[PackedCharge], basis: Basis) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            one.sequence_number,
            basis.charge_set[one.charge_number],
            CHARGE_KINDS[one.kind],
            DUES[one.due],
            one.is_waived,
            one.tax_type_code,
            one.debtor_code,
            one.currency_code,
            one.base_minor,
            one.rate_numerator,
            one.rate_denominator,
            one.amount_minor,
        )
        for one in charges
    )


def _new_charges(place: int, processed: Processed) -> Counter[tuple[Any, ...]]:
    charges, sequence = processed.charges, processed.items.numbers("sequence_number")
    found: Counter[tuple[Any, ...]] = Counter()
    for row in _charge_rows(place, processed):
        item = int(charges.numbers("item")[row])
        program = next(
            one.run.program for one in processed.runs if one.number == int(charges.numbers("law_number")[row])
        )
        rule = program.charges[int(charges.numbers("charge_number")[row])].charge
        found[
            int(sequence[item]) if item >= 0 else 0,
            rule.rule_id,
            _word(processed, "kind_code", row),
            _word(processed, "due_code", row),
            bool(charges.flags("is_waived")[row]),
            _word(processed, "tax_type_code", row),
            _word(processed, "debtor_code", row) or "none",
            _word(processed, "currency_code", row),
            int(charges.numbers("base_minor")[row]),
            int(charges.numbers("rate_numerator")[row]),
            int(charges.numbers("rate_denominator")[row]),
            int(charges.numbers("amount_minor")[row]),
        ] += 1
    return found


def _charge_rows(place: int, processed: Processed) -> list[int]:
    rows: list[int] = (processed.charges.numbers("consignment") == place).nonzero()[0].tolist()
    return rows


def _word(processed: Processed, name: str, row: int) -> str | None:
    coded = processed.charges.words(name)
    code = int(coded.codes[row])
    return coded.words[code] if code >= 0 else None
