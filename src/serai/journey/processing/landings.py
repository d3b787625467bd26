"""What an arrival alone decides: where nothing else differs, a narrow row says so, and no message is opened.

A consignment that is free to go is released when it arrives, or payment falls due. Its law, its reasons and
its charges stay those of the decision before, as long as the arrival lies on the day for which that decision
was made, under law that is in force still. Whatever differs is decided again as a whole
(`processing/redetermine`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.evidence.promise import commit_and_promise
from serai.evidence.store import insert_promised_batch
from serai.foundation.copying import TableBuffer
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Basis
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.decision.store import DECISION_KINDS, DecisionRow
from serai.journey.law_in_force.state import IN_FORCE_EVERYWHERE, LawState, basis_values
from serai.journey.ledger.assessed import Standing, moved_entries
from serai.journey.ledger.posting import enter_posting
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.matching import store as matching_store
from serai.journey.recording.cited_quotes import QUOTE_FINDINGS
from serai.journey.recording.read_back import build_decisions_out
from serai.journey.recording.recorded_facts import recorded_context
from serai.journey.release import store as release_store
from serai.journey.release.rules import LIMIT_FINDINGS, status_on_arrival, storage_warning_at
from serai.journey.release.store import Landed
from serai.journey.services import Services
from serai.journey.statistics import store as statistics_store
from serai.journey.tasks import store as task_store
from serai.law.local_day import local_day
from serai.law.program import Program
from serai.model.frames import RELEASED
from serai.model.ledger import Posting

Connection = AsyncConnection[Any]

_ENCODE = msgspec.json.Encoder().encode
_ASKED_ANEW = QUOTE_FINDINGS | LIMIT_FINDINGS
"""Findings that are made anew with each decision: a promise is held against it, a limit comes nearer."""


class Landing(NamedTuple):
    """A consignment that has arrived, as it stood. program: the law it was decided by, if in force still."""

    consignment: ConsignmentRow
    decision: DecisionRow
    arrived_at: dt.datetime
    program: Program | None

    @property
    def status(self) -> int | None:
        """Return what the arrival makes of it, a place in STATUSES; None: no difference."""
        return status_on_arrival(self.consignment.lane, self.consignment.status)


async def find_landings(
    services: Services,
    connection: Connection,
    law: LawState,
    consignments: Sequence[ConsignmentRow],
    at: dt.datetime,
    *,
    arrived: Mapping[int, dt.datetime],
) -> list[Landing]:
    """Return those of locked consignments that an arrival alone decides, in the order of their ids.

    The rest is to be decided again.
    """
    in_force_from = await assessment_store.select_activated_at(
        connection, law.generation_id, administration_id=services.administration_id
    )
    first = [
        one
        for one in sorted(consignments, key=lambda row: row.consignment_id)
        if one.arrived_at is None
        and in_force_from is not None
        and one.changed_at > in_force_from + IN_FORCE_EVERYWHERE
    ]
    decisions = await decision_store.select_decisions(
        connection, [one.consignment_id for one in first], administration_id=services.administration_id
    )
    standing = {one.decision_id: one for one in decisions}
    bases = await assessment_store.select_basis(connection, sorted({one.basis_id for one in first}))
    programs = {basis_id: _program_in_force(basis, law) for basis_id, basis in bases.items()}
    landings = [
        Landing(one, standing[one.decision_id], arrived[one.consignment_id], programs[one.basis_id])
        for one in first
    ]
    return await beside_the_loop(len(landings), _decided_alone, landings, at)


def _program_in_force(basis: Basis, law: LawState) -> Program | None:
    """Return the program of a basis, if all that the basis consists of is in force still."""
    for program in law.book.programs:
        if (
            program.code == basis.program_code
            and basis_values(law, program)["basis_hash"] == basis.basis_hash
        ):
            return program
    return None


def _decided_alone(landings: Sequence[Landing], at: dt.datetime) -> list[Landing]:
    return [one for one in landings if _is_all(one, at)]


def _is_all(landing: Landing, at: dt.datetime) -> bool:
    """Say whether the arrival makes no other difference than to the status."""
    consignment, decision, arrived_at, program = landing
    zone = recorded_context(decision).as_facts().words["time_zone"]
    if program is None or zone is None or consignment.expected_arrival_at is None:
        return False
    warned_at = storage_warning_at(program, arrived_at)
    return (
        _day(consignment.expected_arrival_at, zone) == _day(arrived_at, zone)
        and (warned_at is None or at < warned_at)
        and not any(one.code in _ASKED_ANEW for one in decision.detail.findings)
    )


def _day(at: dt.datetime, zone: str) -> int:
    return local_day(int(at.timestamp() * 1000), zone)


async def land(
    services: Services,
    connection: Connection,
    landings: Sequence[Landing],
    others: Mapping[int, dt.datetime],
    at: dt.datetime,
) -> None:
    """Write that consignments have arrived for the first time, and what that alone decided.

    landings: of `find_landings`. others: what was decided again as a whole, to no difference, and when it
    arrived. A decision of its own has its leaf in the log, its event and its place in the sums, as others.
    """
    decided = [one for one in landings if one.status is not None]
    arrived = {one.consignment.consignment_id: one.arrived_at for one in landings}
    arrived.update(others)
    if not arrived:
        return
    buffer = TableBuffer()
    landed = await _decide(services, connection, buffer, decided, at) if decided else {}
    await release_store.insert_landings(
        buffer,
        dict(sorted(arrived.items())),
        landed,
        administration_id=services.administration_id,
        at_ms=int(at.timestamp() * 1000),
    )
    await buffer.write(connection)


async def _decide(
    services: Services,
    connection: Connection,
    buffer: TableBuffer,
    landings: Sequence[Landing],
    at: dt.datetime,
) -> dict[int, Landed]:
    """Make the decisions that arrivals alone come to; returns them by consignment."""
    administration_id, at_ms = services.administration_id, int(at.timestamp() * 1000)
    decision_ids = services.ids.take(len(landings)).tolist()
    made = [
        (one.consignment, _following(one, decision_id, at))
        for one, decision_id in zip(landings, decision_ids, strict=True)
    ]
    told = await build_decisions_out(connection, made)
    texts = [_ENCODE(told[decision_id]) for decision_id in decision_ids]
    commitments, promise = commit_and_promise(services, at, leaf_ids=decision_ids, fields={"decision": texts})
    await insert_promised_batch(buffer, promise, administration_id=administration_id, leaf_ids=decision_ids)
    await _notify(services, connection, buffer, made, at_ms)
    released = [one.consignment_id for one, decision in made if decision.status == RELEASED]
    await task_store.close_tasks(
        buffer, released, [True] * len(released), administration_id=administration_id, at=at
    )
    await statistics_store.move_landed(
        buffer,
        [(one, decision.status, decision.detail.charges) for one, decision in made],
        administration_id=administration_id,
        node_id=services.ids.lease.node_id,
        at_ms=at_ms,
    )
    await _enter(services, connection, buffer, made, at)
    return {
        one.consignment_id: Landed(decision.decision_id, decision.status, salt)
        for (one, decision), salt in zip(made, commitments.salts["decision"], strict=True)
    }


async def _enter(
    services: Services,
    connection: Connection,
    buffer: TableBuffer,
    made: Sequence[tuple[ConsignmentRow, DecisionRow]],
    at: dt.datetime,
) -> None:
    """Enter in the ledger that what was determined is owed."""
    before = [
        Standing(one.party_id, one.consignee_country_code, one.status, decision.detail.charges)
        for one, decision in made
    ]
    after = [one._replace(status=decision.status) for one, (_, decision) in zip(before, made, strict=True)]
    entries = moved_entries(before, after, shipped_posting_rules())
    await enter_posting(
        services, connection, buffer, Posting("assessed", made[0][1].decision_id, at, entries)
    )


def _following(landing: Landing, decision_id: int, at: dt.datetime) -> DecisionRow:
    """Return the decision that an arrival makes of the one that stands, as the store will show it."""
    consignment, before, arrived_at, _ = landing
    assert landing.status is not None
    return msgspec.structs.replace(
        before,
        decision_id=decision_id,
        kind=DECISION_KINDS.index("release"),
        status=landing.status,
        is_provisional=False,
        supersedes=before.decision_id,
        decided_at=at,
        arrived_at=arrived_at,
        accepted_at=arrived_at if before.is_provisional else consignment.accepted_at,
    )


async def _notify(
    services: Services,
    connection: Connection,
    buffer: TableBuffer,
    made: Sequence[tuple[ConsignmentRow, DecisionRow]],
    at_ms: int,
) -> None:
    """Tell everybody in the cases of what was decided: one row for each party and kind."""
    parties = await matching_store.select_parties(connection, [one.case_id for one, _ in made])
    events: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for one, decision in made:
        kind = "released" if decision.status == RELEASED else "decided-again"
        events[kind] += [
            (party_id, one.case_id, decision.decision_id)
            for party_id in sorted(parties.get(one.case_id, set()) | {one.party_id})
        ]
    for kind, lines in events.items():
        party_ids, case_ids, decision_ids = np.array(lines, dtype=np.int64).T
        await consignment_store.insert_events(
            buffer,
            administration_id=services.administration_id,
            event_ids=services.ids.take(len(lines)),
            party_ids=party_ids,
            case_ids=case_ids,
            kind=kind,
            decision_ids=decision_ids,
            at_ms=at_ms,
        )
