"""What follows of recalls, in the background of each process: they are counted and looked for, what they
certainly mean is suspended, the rest is put before officers, everybody is told; what was withdrawn is undone.

Some hundreds of consignments a transaction. Where a process ends, another goes on.
"""

import datetime as dt
from typing import Final

import msgspec

from serai.foundation import arrow_columns as arrow
from serai.foundation.id_text import format_id
from serai.foundation.ids import first_id_at
from serai.foundation.settings import RecallsSettings
from serai.foundation.vault.reading import Reach
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_acts, select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.linking.case_locks import lock_roots, resolve_cases
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.recall_rules.in_force import (
    NO_ACT,
    NOT_YET,
    SURENESSES,
    SUSPENSION,
    TAKEN_UP,
    Hit,
    RecallInForce,
    insert_hits,
    is_free,
    record_suspensions,
)
from serai.journey.recall_rules.rules import (
    RecallRule,
    Sureness,
    find_consignments,
    may_hold,
    prepare_rule,
)
from serai.journey.recalls import store
from serai.journey.recalls.store import Connection, RecallRow
from serai.journey.recalls.telling import tell_found, tell_overdue
from serai.journey.recording.read_back import read_messages
from serai.journey.scans.service import Look, run_scan
from serai.journey.scans.store import Among, InFlight, Kind, select_details
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import RECALL
from serai.model.acts import ACT_KINDS, MEASURES, Act
from serai.model.frames import ABSENT, FINAL_STATUSES, RELEASED
from serai.model.packed_detail import unpack_detail

PURPOSE: Final = "recall-scan"
SETTLED: Final = dt.timedelta(seconds=20)
"""So long after its id was made a consignment is looked at: whatever has a lower id is committed by then."""
SOME_COUNT: Final = 500
"""Consignments acted on in one transaction: others of their cases wait meanwhile."""
_CERTAIN: Final = SURENESSES["certain"]
_STATES: Final = [kind for kind in MEASURES if ACT_KINDS[kind].state]
_RULE: Final = msgspec.json.Decoder(RecallRule)


async def follow_recalls(processor: Processor, settings: RecallsSettings, time_zone: str) -> None:
    """Do for each recall what is to be done next. time_zone: in which days are counted."""
    services = processor.services
    async with services.database.read(services.administration_id) as connection:
        rows = await store.select_recalls(connection, administration_id=services.administration_id)
    for row in rows:
        if row.withdrawn_at is not None:
            if row.undone_at is None:
                await _undo(processor, row, time_zone)
        elif row.ended_at is None:
            await _follow(processor, row, settings, time_zone)
    await tell_overdue(processor)


async def _follow(processor: Processor, row: RecallRow, settings: RecallsSettings, time_zone: str) -> None:
    services = processor.services
    if row.counted_at is None:
        await _scan(processor, row, "count", first_id_at(row.declared_at))
        async with services.database.read(services.administration_id) as connection:
            (row,) = await store.select_recalls(
                connection, administration_id=services.administration_id, recall_id=row.recall_id
            )
    if row.suspends and row.counted_at is not None and row.confirmed_at is None:
        row = await _confirm_by_itself(services, row, settings)
    if row.confirmed_at is None:
        return
    if row.suspends:
        await processor.recalls.refresh(services)
        await _reach(processor, row)
    after_id, until = 0, services.clock.now() - SETTLED
    if row.suspends:
        # What was under way when it was declared is found by counting, and what comes as it comes, once every
        # process has taken it up: here is looked at what came between.
        after_id = first_id_at(row.declared_at - SETTLED) - 1
        until = min(until, row.confirmed_at + TAKEN_UP)
    until_id = first_id_at(until)
    await _scan(processor, row, "recall", until_id, goes_on=True, after_id=after_id)
    if row.suspends:
        since = first_id_at(row.declared_at - dt.timedelta(days=settings.released_days))
        before = first_id_at(row.declared_at)
        await _scan(processor, row, "recall-released", before, among="released", after_id=since)
        await _reach(processor, row)
        await tell_found(processor, row, time_zone)


async def _confirm_by_itself(services: Services, row: RecallRow, settings: RecallsSettings) -> RecallRow:
    """Let a recall take effect that finds no more than one person may suspend."""
    if (row.counted_hit_count or 0) > settings.four_eyes_count:
        return row
    key = {"administration_id": services.administration_id}
    async with services.database.write() as connection:
        named = {"recall_id": row.recall_id, **key}
        at = services.clock.now()
        await store.execute(connection, "confirm_recall", at=at, acting_user=row.acting_user, **named)
        (confirmed,) = await store.select_recalls(
            connection, recall_id=row.recall_id, administration_id=services.administration_id
        )
    return confirmed


# ---- looking ----


async def _scan(
    processor: Processor,
    row: RecallRow,
    kind: Kind,
    until_id: int,
    *,
    goes_on: bool = False,
    after_id: int = 0,
    among: Among = "all",
) -> None:
    services, rule = processor.services, _RULE.decode(row.rule)
    surenesses: dict[int, Sureness] = {}

    async def find(found: list[InFlight]) -> list[int]:
        surenesses.clear()
        surenesses.update(await _find_goods(services, row, rule, found))
        if among == "released":
            # What only looks alike is no ground to write to somebody about goods that he has.
            return sorted(one for one, sureness in surenesses.items() if sureness == "certain")
        return sorted(surenesses)

    async def settle(connection: Connection, hits: list[int]) -> None:
        if row.suspends:
            await _keep(services, connection, row, {one: surenesses[one] for one in hits}, kind)
        elif kind == "recall":
            await _open_tasks(services, connection, row, await _flying(services, connection, hits))

    async def look_for(_connection: Connection) -> Look | None:
        return Look(find, settle, among)

    await run_scan(processor, kind, row.recall_id, until_id, look_for, goes_on=goes_on, after_id=after_id)


async def _find_goods(
    services: Services, row: RecallRow, rule: RecallRule, found: list[InFlight]
) -> dict[int, Sureness]:
    """Return the consignments that hold the goods: by what is recorded, then, where the rule asks for more,
    by the declarations of those that may, with one line of the ledger a batch."""
    async with services.database.write() as connection:
        recorded = await select_details(
            connection,
            [one.consignment_id for one in found],
            administration_id=services.administration_id,
        )
    may = await beside_the_loop(len(recorded), _may_hold, rule, recorded)
    if not rule.reads_documents or not may:
        return dict.fromkeys(sorted(may), "possible")
    reach = Reach(services.administration_id, PURPOSE, row.acting_user, services.clock.now())
    opened = await read_messages(services, sorted(may.values()), reach)
    documents = {
        consignment_id: opened[document_id][0]
        for consignment_id, document_id in may.items()
        if document_id in opened
    }
    return await beside_the_loop(len(documents), find_consignments, rule, documents)


def _may_hold(rule: RecallRule, recorded: list[tuple[int, int, bytes]]) -> dict[int, int]:
    if not rule.hs_prefixes and not rule.origin_country_codes:
        return {consignment_id: document_id for consignment_id, document_id, _ in recorded}
    return {
        consignment_id: document_id
        for consignment_id, document_id, detail in recorded
        if may_hold(rule, unpack_detail(detail).items)
    }


async def _keep(
    services: Services,
    connection: Connection,
    row: RecallRow,
    surenesses: dict[int, Sureness],
    kind: Kind,
) -> None:
    """Keep what a recall that suspends has found; what follows for it is done apart."""
    stored = await consignment_store.select_consignments(
        connection, list(surenesses), administration_id=services.administration_id
    )
    is_released = kind == "recall-released"
    act_id = NO_ACT if is_released else NOT_YET
    hits = [
        Hit(
            row.recall_id, one.consignment_id, one.case_id, act_id, SURENESSES[surenesses[one.consignment_id]]
        )
        for one in stored
    ]
    await insert_hits(services, connection, hits, services.clock.now(), is_released=is_released)


# ---- acting ----


async def _reach(processor: Processor, row: RecallRow) -> None:
    """Suspend what a recall certainly means and let officers look at the rest, some at a time."""

    async def work(connection: Connection) -> int:
        return await _reach_some(processor, connection, row)

    while await processor.write(work):
        pass


async def _reach_some(processor: Processor, connection: Connection, row: RecallRow) -> int:
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    found = await store.select_to_reach(connection, row.recall_id, limit=SOME_COUNT, **key)
    if not found:
        return 0
    await lock_roots(connection, sorted({one.case_id for one in found}))
    # Under the locks once more: another process may have been here.
    left = await store.select_to_reach(connection, row.recall_id, limit=SOME_COUNT, **key)
    wanted = {one.consignment_id: one for one in found} if left else {}
    wanted = {one.consignment_id: wanted[one.consignment_id] for one in left if one.consignment_id in wanted}
    rows = await consignment_store.select_consignments(connection, sorted(wanted), **key)
    gone = {one.consignment_id for one in rows if one.status == RELEASED}
    flying = [one for one in rows if one.status not in FINAL_STATUSES]
    certain = [one for one in flying if wanted[one.consignment_id].sureness == _CERTAIN]
    possible = [one for one in flying if wanted[one.consignment_id].sureness != _CERTAIN]
    reached = dict.fromkeys(wanted, NO_ACT) | await _suspend(processor, connection, row, certain, at)
    await _open_tasks(services, connection, row, possible)
    await store.set_reached(connection, row.recall_id, reached, gone, **key)
    return len(found)


async def _suspend(
    processor: Processor, connection: Connection, row: RecallRow, rows: list[ConsignmentRow], at: dt.datetime
) -> dict[int, int]:
    """Suspend consignments of locked cases that no other measure keeps further away; decide them again, and
    tell their parties. Returns by consignment the act."""
    services = processor.services
    if not rows:
        return {}
    standing = await select_standing_acts(
        connection,
        sorted({one.case_id for one in rows}),
        _STATES,
        administration_id=services.administration_id,
    )
    acts: dict[int, list[Act]] = {}
    for _, act in standing:
        acts.setdefault(act.subject_id, []).append(act)
    free = [one for one in rows if is_free(acts.get(one.consignment_id, []))]
    recall = recall_of(row)
    done = await record_suspensions(
        services, connection, [(recall, one.consignment_id, one.case_id, one.version) for one in free], at
    )
    await redetermine(services, connection, processor.law, [one.consignment_id for one in free], at)
    told = [(one.case_id, one.party_id, one.decision_id) for one in free]
    await notify_case(services, connection, "measure-taken", told, at)
    return {act.subject_id: act.act_id for act in done}


def recall_of(row: RecallRow) -> RecallInForce:
    """Return a recall as it is in force."""
    searched = prepare_rule(_RULE.decode(row.rule))
    return RecallInForce(row.recall_id, row.party_id, row.acting_user, row.law_reference, searched)


async def _flying(services: Services, connection: Connection, hits: list[int]) -> list[ConsignmentRow]:
    """Return those that are in flight still, their cases locked."""
    key = {"administration_id": services.administration_id}
    stored = await consignment_store.select_consignments(connection, hits, **key)
    await lock_roots(connection, [one.case_id for one in stored])
    stored = await consignment_store.select_consignments(connection, hits, **key)
    return [one for one in stored if one.status not in FINAL_STATUSES]


async def _open_tasks(
    services: Services, connection: Connection, row: RecallRow, flying: list[ConsignmentRow]
) -> None:
    """Open a task for each consignment of locked cases."""
    count = len(flying)
    if not count:
        return
    units = [ABSENT if one.transport_unit_id is None else one.transport_unit_id for one in flying]
    movements = [ABSENT if one.movement_id is None else one.movement_id for one in flying]
    batch = arrow.table(
        task_id=arrow.int64(services.ids.take(count)),
        consignment_id=arrow.int64([one.consignment_id for one in flying]),
        party_id=arrow.int64([one.party_id for one in flying]),
        transport_unit_id=arrow.int64(units),
        movement_id=arrow.int64(movements),
        expected_at=arrow.moments([one.expected_arrival_at for one in flying]),
        value_minor=arrow.int64([ABSENT] * count),
        basis_id=arrow.int32([ABSENT] * count),
        document_id=arrow.int64([row.recall_id] * count),
        score_ppm=arrow.int32([ABSENT] * count),
        kind=arrow.int16([RECALL] * count),
        lane=arrow.int16([ABSENT] * count),
        currency_code=arrow.texts([None] * count),
        consignee_country_code=arrow.texts([one.consignee_country_code for one in flying]),
        rules=arrow.blobs([b""] * count),
    )
    key = {"administration_id": services.administration_id}
    await task_store.open_tasks(connection, batch, at=services.clock.now(), **key)


# ---- undoing ----


async def _undo(processor: Processor, row: RecallRow, time_zone: str) -> None:
    """Undo what a withdrawn recall did, and tell everybody who was told. Begun again where it was broken off;
    done once."""
    services = processor.services

    async def work(connection: Connection) -> int:
        return await _undo_some(processor, connection, row)

    while await processor.write(work):
        pass
    await tell_found(processor, row, time_zone)
    key, at = {"administration_id": services.administration_id}, services.clock.now()
    if row.withdrawn_at is None or at < row.withdrawn_at + SETTLED:
        # A batch that began before may yet suspend something: it is undone in the next turn.
        return
    async with services.database.write() as connection:
        await task_store.close_tasks_of(connection, row.recall_id, RECALL, at=at, **key)
        await store.execute(connection, "set_undone", at=at, recall_id=row.recall_id, **key)


async def _undo_some(processor: Processor, connection: Connection, row: RecallRow) -> int:
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    found = await store.select_to_undo(connection, row.recall_id, limit=SOME_COUNT, **key)
    if not found:
        return 0
    await lock_roots(connection, sorted({case_id for _, case_id, _ in found}))
    kept = {
        one: act_id
        for one, _, act_id in await store.select_to_undo(connection, row.recall_id, limit=SOME_COUNT, **key)
    }
    rows = await consignment_store.select_consignments(connection, sorted(kept), **key)
    cases = sorted({one.case_id for one in rows})
    standing = await select_standing_acts(connection, cases, [SUSPENSION], **key)
    stands = {act.act_id: act for _, act in standing}
    roots = await resolve_cases(connection, cases)
    ending = [one for one in rows if kept[one.consignment_id] in stands]
    numbers = services.ids.take(len(ending)).tolist() if ending else []
    acts = [
        _reversal(row, roots[one.case_id], kept[one.consignment_id], act_id, at)
        for one, act_id in zip(ending, numbers, strict=True)
    ]
    await record_acts(services, connection, acts)
    ended = dict.fromkeys(sorted(kept), NO_ACT)
    ended |= {one.consignment_id: act.act_id for one, act in zip(ending, acts, strict=True)}
    await store.set_ended(connection, row.recall_id, ended, **key)
    await task_store.close_task_about(connection, row.recall_id, sorted(kept), at=at, **key)
    await redetermine(services, connection, processor.law, [one.consignment_id for one in ending], at)
    told = [(one.case_id, one.party_id, one.decision_id) for one in ending]
    await notify_case(services, connection, "settled", told, at)
    return len(found)


def _reversal(row: RecallRow, root: int, suspension_id: int, act_id: int, at: dt.datetime) -> Act:
    return Act(
        act_id=act_id,
        case_id=root,
        kind="reversal",
        subject_id=root,
        party_id=row.party_id,
        acting_user=row.withdrawing_user or row.acting_user,
        at=at,
        leaf_id=act_id,
        reason_code=row.withdrawal_reason_code,
        parameters={"form": "annulment", "recall": format_id(row.recall_id)},
        law_reference=row.law_reference,
        reverses=suspension_id,
    )
