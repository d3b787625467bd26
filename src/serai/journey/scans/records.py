"""What is stored, held against the leaves of the evidence log: each decision and each act, all within a day,
and some at random each minute.

A decision is built from its row by the code that answers it and opens its receipt. One that does not open its
leaf was changed behind Serai's back: its case is marked by an act, which holds it, and is a task.
"""

import asyncio
import hashlib
import math
import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection
from zstandard import ZstdError

from serai.evidence.leaf import Opening, opens
from serai.evidence.store import read_leaves
from serai.foundation.administration import own_party_id
from serai.foundation.id_text import format_id
from serai.foundation.metrics import Metrics
from serai.foundation.settings import ComparisonSettings
from serai.foundation.telemetry import telemetry
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act, select_acts_after
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.linking.case_locks import lock_roots
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.recording.read_back import build_decisions_out
from serai.journey.scans import store
from serai.journey.scans.rounds import advance_round, hold_round
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import RECORD_CHANGED
from serai.journey.tasks.store import CaseTask
from serai.model.acts import QUESTIONED, Act

Connection = AsyncConnection[Any]

_TURNS_COUNT: Final = 1_200
"""Turns of a minute in which a round is made: 20 hours, as some turns do not come."""
_ROUND_COUNT_MIN: Final = 100
_CHUNK_COUNT: Final = 50
_UNREADABLE: Final = (
    *(msgspec.MsgspecError, ZstdError, struct.error),
    *(ValueError, TypeError, LookupError, ArithmeticError, AssertionError),
)
"""What a row raises that somebody has changed so that it cannot be read."""


class _Claim(NamedTuple):
    """Something stored that a leaf commits to. case_id: where it is. opening: None: it cannot be read."""

    leaf_id: int
    case_id: int
    opening: Opening | None


class Compared(NamedTuple):
    """What a turn came to. changed: ids of leaves whose record differs."""

    read_count: int
    changed: list[int]


async def compare_records(processor: Processor, settings: ComparisonSettings, metrics: Metrics) -> Compared:
    """Compare the next decisions and acts of the round, and some decisions at random; mark what differs.

    Another process that is at it is left alone: then there is nothing read.
    """
    read_count, changed = 0, dict[int, _Claim]()
    for work in (_compare_decisions, _compare_acts):

        async def turn(connection: Connection, work: Any = work) -> tuple[int, list[_Claim]]:
            found: tuple[int, list[_Claim]] = await work(processor.services, connection, settings)
            return found

        count, differing = await processor.write(turn)
        read_count += count
        changed |= {one.leaf_id: one for one in differing}
    for one in changed.values():
        await _mark(processor, one)
    metrics.records_compared.inc(read_count)
    metrics.records_changed.inc(len(changed))
    if changed:
        telemetry().error("record-changed", code="record-changed", rows_count=len(changed))
    return Compared(read_count, sorted(changed))


# ---- rounds ----


async def _compare_decisions(
    services: Services, connection: Connection, settings: ComparisonSettings
) -> tuple[int, list[_Claim]]:
    key = {"administration_id": services.administration_id}
    scan = await hold_round(services, connection, "record")
    if scan is None:
        return 0, []
    total, pages_count = await store.measure_decided(connection)
    drawn = await store.select_at_random(connection, settings.sample_count, pages_count, **key)
    rows = await consignment_store.select_consignments(connection, drawn, **key)
    limit = min(max(math.ceil(total / _TURNS_COUNT), _ROUND_COUNT_MIN), settings.round_count_max)
    following: list[ConsignmentRow] = []
    if scan.finished_at is None and limit:
        following = await consignment_store.select_consignments_after(
            connection, scan.after_id, limit=limit, **key
        )
        last_id = following[-1].consignment_id if len(following) == limit else None
        await advance_round(services, connection, scan, last_id, read_count=len(following))
    read_count, differing = 0, list[_Claim]()
    for begin in range(0, len(rows) + len(following), _CHUNK_COUNT):
        some = [*rows, *following][begin : begin + _CHUNK_COUNT]
        claims = await _claims_of(services, connection, some)
        read_count += len(claims)
        differing += await _differing(services, connection, claims)
        await asyncio.sleep(0)  # requests go on being answered
    return read_count, differing


async def _compare_acts(
    services: Services, connection: Connection, settings: ComparisonSettings
) -> tuple[int, list[_Claim]]:
    scan = await hold_round(services, connection, "act")
    limit = settings.round_count_max
    if scan is None or scan.finished_at is not None or not limit:
        return 0, []
    acts = await select_acts_after(
        connection, scan.after_id, administration_id=services.administration_id, limit=limit
    )
    last_id = acts[-1][0].act_id if len(acts) == limit else None
    await advance_round(services, connection, scan, last_id, read_count=len(acts))
    claims = [_Claim(act.leaf_id, act.case_id, opening) for act, opening in acts]
    return len(claims), await _differing(services, connection, claims)


# ---- comparing ----


async def _claims_of(
    services: Services, connection: Connection, consignments: Sequence[ConsignmentRow]
) -> list[_Claim]:
    """Return every decision of consignments, as it is stored, with what should open its leaf."""
    by_id = {one.consignment_id: one for one in consignments}
    try:
        decisions = await decision_store.select_decisions(
            connection, list(by_id), administration_id=services.administration_id
        )
        told = await build_decisions_out(connection, [(by_id[one.consignment_id], one) for one in decisions])
    except _UNREADABLE:
        if len(by_id) > 1:
            single = [await _claims_of(services, connection, [one]) for one in by_id.values()]
            return [claim for claims in single for claim in claims]
        return [_Claim(one.decision_id, one.case_id, None) for one in by_id.values()]
    return [
        _Claim(
            one.decision_id,
            one.case_id,
            Opening("decision", one.salt, msgspec.json.encode(told[one.decision_id])),
        )
        for one in decisions
    ]


async def _differing(services: Services, connection: Connection, claims: Sequence[_Claim]) -> list[_Claim]:
    """Return what does not open its leaf, or has none."""
    if not claims:
        return []
    leaves = await read_leaves(
        connection, [one.leaf_id for one in claims], administration_id=services.administration_id
    )
    return [
        one
        for one in claims
        if one.opening is None or one.leaf_id not in leaves or not opens(leaves[one.leaf_id], one.opening)
    ]


# ---- what follows ----


async def _mark(processor: Processor, claim: _Claim) -> None:
    """Mark the case of a changed record by an act, decide it again, so that it is held, and ask an officer.

    Once for each content that was found: an officer who has taken the act back is not asked again about it.
    """
    services, law, at = processor.services, processor.law, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    found = b"" if claim.opening is None else claim.opening.salt + claim.opening.value
    mark = hashlib.sha256(found).hexdigest()[:16]

    async def work(connection: Connection) -> None:
        root = (await lock_roots(connection, [claim.case_id]))[claim.case_id]
        act_id, task_id = services.ids.take(2).tolist()
        act = Act(
            act_id=act_id,
            case_id=root,
            kind=QUESTIONED,
            subject_id=root,
            party_id=own_party_id(services.administration_id),
            acting_user="serai",
            at=at,
            leaf_id=act_id,
            parameters={"leaf_id": format_id(claim.leaf_id)},
            reference=f"record-{format_id(claim.leaf_id)}-{mark}",
        )
        if await record_act(services, connection, act) is None:
            return
        consignments = await consignment_store.select_consignments_of_cases(connection, [root], **key)
        try:
            async with connection.transaction():
                await redetermine(services, connection, law, [one.consignment_id for one in consignments], at)
        except _UNREADABLE as fault:
            # What cannot be read cannot be decided again either, and so is not released.
            telemetry().warning("record-not-decided-again", error_type=type(fault).__name__)
        await task_store.open_case_tasks(
            connection, [CaseTask(root, claim.leaf_id)], [task_id], RECORD_CHANGED, at=at, **key
        )

    await processor.write(work)
