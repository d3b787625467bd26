"""Recalls: goods named by data are looked for in what is in flight, and in what comes until the recall ends.

By the same machine as lists that are new. A recall is counted first; only its confirmation, which names that
count, makes tasks of what is found. Nothing is decided by it: a person looks.
"""

import datetime as dt
from typing import Final, Literal

import msgspec

from serai.foundation import arrow_columns as arrow
from serai.foundation.id_text import format_id
from serai.foundation.ids import first_id_at
from serai.foundation.vault.reading import Reach
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act, select_act_by_reference
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.linking.case_locks import lock_roots
from serai.journey.processing.transaction import Processor
from serai.journey.recording.read_back import read_messages
from serai.journey.scans import store
from serai.journey.scans.rules import RecallRule, check_rule, encode_rule, find_consignments, may_hold
from serai.journey.scans.service import Connection, Look, run_scan
from serai.journey.scans.store import InFlight, RecallRow
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import RECALL
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.frames import ABSENT, FINAL_STATUSES
from serai.model.message_text import MessageText
from serai.model.packed_detail import unpack_detail

PURPOSE: Final = "recall-scan"
SETTLED: Final = dt.timedelta(seconds=20)
"""So long after its id was made a consignment is looked at: whatever has a lower id is committed by then."""
HITS_MAX: Final = 10_000
"""Most tasks that one recall may make of what is in flight when it is confirmed."""

State = Literal["counting", "counted", "looking", "ended"]


class RecallOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A recall. state: counting, counted (to be confirmed), looking (hits become tasks), ended.

    in_flight_count, hit_count: consignments in flight when it was declared, and which of them hold the goods;
    absent while they are counted. found_count: tasks made since it was confirmed. is_too_wide: it would find
    more than one recall may.
    """

    recall_id: str
    reference: str
    state: State
    reason_code: str
    rule: RecallRule
    declared_at: dt.datetime
    party_id: str
    law_reference: str | None = None
    in_flight_count: int | None = None
    hit_count: int | None = None
    is_too_wide: bool = False
    confirmed_at: dt.datetime | None = None
    found_count: int | None = None
    ended_at: dt.datetime | None = None


class RecallHit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A consignment that holds recalled goods, and its task. closed_at: when an officer settled it."""

    consignment_id: str
    case_id: str
    reference: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None = None


_RULE = msgspec.json.Decoder(RecallRule)


async def declare_recall(
    services: Services,
    sender: Sender,
    rule: RecallRule,
    *,
    reference: str,
    reason_code: str,
    law_reference: str | None,
) -> tuple[RecallOut, bool]:
    """Keep a recall, which is counted next; says whether it is new. The same again is harmless.

    Raises SeraiError `recall-rule-too-wide`, `reference-reused`.
    """
    check_rule(rule)
    kept = encode_rule(rule)
    async with services.database.write() as connection:
        recall_id = int(services.ids.take(1)[0])
        values = {
            "recall_id": recall_id,
            "administration_id": services.administration_id,
            "party_id": sender.party_id,
            "at": services.clock.now(),
            "acting_user": sender.acting_user,
            "reference": reference,
            "reason_code": reason_code,
            "law_reference": law_reference,
            "rule": kept,
        }
        await store.insert_recall(connection, values)
        (row,) = await store.select_recalls(
            connection,
            administration_id=services.administration_id,
            party_id=sender.party_id,
            reference=reference,
        )
    before = (row.reason_code, row.law_reference, encode_rule(_RULE.decode(row.rule)))
    if before != (reason_code, law_reference, kept):
        raise SeraiError(
            "reference-reused",
            "This reference was used before for another recall.",
            "Give the recall a reference of its own.",
        )
    return _recall_out(row), row.recall_id == recall_id


async def read_recalls(services: Services, sender: Sender) -> list[RecallOut]:
    """Return recalls, oldest first: officers see all, an agency its own."""
    async with services.database.read(services.administration_id) as connection:
        rows = await store.select_recalls(
            connection, administration_id=services.administration_id, party_id=_whose(sender)
        )
    return [_recall_out(row) for row in rows]


async def read_recall(services: Services, sender: Sender, recall_id: int) -> RecallOut:
    """Return one recall. Raises SeraiError `not-found`."""
    async with services.database.read(services.administration_id) as connection:
        return _recall_out(await _find(services, connection, sender, recall_id))


async def read_hits(
    services: Services, sender: Sender, recall_id: int, *, after_id: int, limit: int
) -> list[RecallHit]:
    """Return what a recall has found, by consignment. Raises SeraiError `not-found`."""
    async with services.database.read(services.administration_id) as connection:
        await _find(services, connection, sender, recall_id)
        rows = await store.select_hits(
            connection,
            recall_id,
            administration_id=services.administration_id,
            after_id=after_id,
            limit=limit,
        )
    return [
        RecallHit(
            consignment_id=format_id(row.consignment_id),
            case_id=format_id(row.case_id),
            reference=row.reference,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
        )
        for row in rows
    ]


async def confirm_recall(
    services: Services, sender: Sender, recall_id: int, *, expected_count: int
) -> RecallOut:
    """Let what a recall finds become tasks. expected_count: hits, as they were counted. Again is harmless.

    Raises SeraiError `not-found`, `recall-not-counted`, `recall-count-differs`, `recall-too-wide`.
    """
    key = {"administration_id": services.administration_id}
    async with services.database.write() as connection:
        row = await _find(services, connection, sender, recall_id)
        if row.counted_at is None:
            raise SeraiError(
                "recall-not-counted",
                "What this recall would find is still being counted.",
                "Read the recall in some seconds, then confirm the count it shows.",
            )
        if expected_count != row.counted_hit_count:
            raise SeraiError(
                "recall-count-differs",
                MessageText(
                    "This recall finds {counted_hit_count} consignments, not {expected_count}.",
                    counted_hit_count=row.counted_hit_count or 0,
                    expected_count=expected_count,
                ),
                "Confirm the count that the recall shows, or declare it anew with another rule.",
            )
        if _is_too_wide(row):
            raise SeraiError(
                "recall-too-wide",
                MessageText(
                    "One recall makes at most {count_max} tasks of what is in flight.", count_max=HITS_MAX
                ),
                "Declare it anew with a narrower rule: longer commodity codes, product numbers, sellers.",
            )
        await store.confirm_recall(connection, recall_id, at=services.clock.now(), **key)
        return _recall_out(await _find(services, connection, sender, recall_id))


async def end_recall(services: Services, sender: Sender, recall_id: int) -> RecallOut:
    """Look no more for what a recall asks for; its tasks stay. Raises SeraiError `not-found`."""
    async with services.database.write() as connection:
        await _find(services, connection, sender, recall_id)
        await store.end_recall(
            connection, recall_id, administration_id=services.administration_id, at=services.clock.now()
        )
        return _recall_out(await _find(services, connection, sender, recall_id))


async def close_hit(
    processor: Processor, sender: Sender, recall_id: int, consignment_id: int, *, reason: str
) -> Act:
    """Close the task of a consignment that a recall has found, by an officer's word; returns the act. Again
    is harmless. Raises SeraiError `not-found`."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> Act:
        row = await _find(services, connection, sender, recall_id)
        found = await consignment_store.select_consignments(connection, [consignment_id], **key)
        if not found:
            raise not_found()
        root = (await lock_roots(connection, [found[0].case_id]))[found[0].case_id]
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=root,
            kind="recall-hit-closed",
            subject_id=consignment_id,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            at=at,
            leaf_id=act_id,
            version=found[0].version,
            reason_code=row.reason_code,
            law_reference=row.law_reference,
            parameters={"recall_id": format_id(recall_id)},
            reference=f"recall-{format_id(recall_id)}-{format_id(consignment_id)}",
        )
        if not await task_store.close_task_about(connection, recall_id, [consignment_id], at=at, **key):
            before = await select_act_by_reference(connection, sender.party_id, str(act.reference), **key)
            if before is None:
                raise not_found()
            return before
        await record_act(services, connection, act, reason)
        return act

    done: Act = await processor.write(work)
    return done


async def scan_recalls(processor: Processor) -> None:
    """Count what recalls would find that are new, and look for what those ask for that are confirmed."""
    services = processor.services
    async with services.database.write() as connection:
        rows = await store.select_recalls(connection, administration_id=services.administration_id)
    until_id = first_id_at(services.clock.now() - SETTLED)
    for row in rows:
        if row.ended_at is not None:
            continue
        if row.counted_at is None:
            await _run(processor, row, "count", first_id_at(row.declared_at))
        elif row.confirmed_at is not None:
            await _run(processor, row, "recall", until_id, goes_on=True)


async def _run(
    processor: Processor,
    row: RecallRow,
    kind: Literal["count", "recall"],
    until_id: int,
    *,
    goes_on: bool = False,
) -> None:
    services, rule = processor.services, _RULE.decode(row.rule)

    async def find(found: list[InFlight]) -> list[int]:
        return await _find_goods(services, row, rule, found)

    async def settle(connection: Connection, hits: list[int]) -> None:
        if kind == "recall":
            await _open_tasks(services, connection, row, hits)

    async def look_for(_connection: Connection) -> Look | None:
        return Look(find, settle)

    await run_scan(processor, kind, row.recall_id, until_id, look_for, goes_on=goes_on)


async def _find_goods(
    services: Services, row: RecallRow, rule: RecallRule, found: list[InFlight]
) -> list[int]:
    """Return the consignments that hold the goods: by what is recorded, then, where the rule asks for more,
    by the declarations of those that may, with one line of the ledger a batch."""
    async with services.database.write() as connection:
        recorded = await store.select_details(
            connection,
            [one.consignment_id for one in found],
            administration_id=services.administration_id,
        )
    may = await beside_the_loop(len(recorded), _may_hold, rule, recorded)
    if not rule.reads_documents or not may:
        return sorted(may)
    reach = Reach(services.administration_id, PURPOSE, row.acting_user, services.clock.now())
    opened = await read_messages(services, sorted(may.values()), reach)
    documents = {
        consignment_id: opened[document_id][0]
        for consignment_id, document_id in may.items()
        if document_id in opened
    }
    return sorted(await beside_the_loop(len(documents), find_consignments, rule, documents))


def _may_hold(rule: RecallRule, recorded: list[tuple[int, int, bytes]]) -> dict[int, int]:
    return {
        consignment_id: document_id
        for consignment_id, document_id, detail in recorded
        if may_hold(rule, unpack_detail(detail).items)
    }


async def _open_tasks(services: Services, connection: Connection, row: RecallRow, hits: list[int]) -> None:
    """Open a task for each hit that is in flight still."""
    key = {"administration_id": services.administration_id}
    stored = await consignment_store.select_consignments(connection, hits, **key)
    await lock_roots(connection, [one.case_id for one in stored])
    stored = await consignment_store.select_consignments(connection, hits, **key)
    flying = [one for one in stored if one.status not in FINAL_STATUSES]
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
    await task_store.open_tasks(connection, batch, at=services.clock.now(), **key)


async def _find(services: Services, connection: Connection, sender: Sender, recall_id: int) -> RecallRow:
    rows = await store.select_recalls(
        connection,
        administration_id=services.administration_id,
        party_id=_whose(sender),
        recall_id=recall_id,
    )
    if not rows:
        raise not_found()
    return rows[0]


def _whose(sender: Sender) -> int | None:
    """Return whose recalls a sender sees; None: everybody's."""
    return None if "officer" in sender.roles else sender.party_id


def _is_too_wide(row: RecallRow) -> bool:
    return (row.counted_hit_count or 0) > HITS_MAX


def _recall_out(row: RecallRow) -> RecallOut:
    state: State = "counting" if row.counted_at is None else "counted"
    if row.confirmed_at is not None:
        state = "looking"
    if row.ended_at is not None:
        state = "ended"
    is_counted = row.counted_at is not None
    return RecallOut(
        recall_id=format_id(row.recall_id),
        reference=row.reference,
        state=state,
        reason_code=row.reason_code,
        rule=_RULE.decode(row.rule),
        declared_at=row.declared_at,
        party_id=format_id(row.party_id),
        law_reference=row.law_reference,
        in_flight_count=row.counted_read_count if is_counted else None,
        hit_count=row.counted_hit_count if is_counted else None,
        is_too_wide=_is_too_wide(row),
        confirmed_at=row.confirmed_at,
        found_count=row.hit_count if row.confirmed_at is not None else None,
        ended_at=row.ended_at,
    )
