"""Recalls: goods named by data are looked for in what is in flight, and in what comes until the recall ends.

By the same machine as lists that are new. A recall is counted first. One that makes tasks waits for its
confirmation, which names that count: a person looks, and nothing is decided by it. One that suspends takes
effect at once for what it certainly means, by product number and batch, unless it finds so much that a
second person confirms it; what only looks or is called alike is a task there, too. What was wrong is
withdrawn, and all undone.
"""

import datetime as dt
from typing import Final, Literal

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act, select_act_by_reference
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.linking.case_locks import lock_roots
from serai.journey.processing.transaction import Processor
from serai.journey.recall_rules.grounds import find_ground
from serai.journey.recall_rules.rules import RecallRule, Sureness, check_rule, encode_rule
from serai.journey.recalls import store
from serai.journey.recalls.store import Connection, HitCounts, HitRow, RecallRow
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

HITS_MAX: Final = 10_000
"""Most tasks that one recall may make of what is in flight when it is confirmed."""

State = Literal["counting", "counted", "looking", "ended", "withdrawn"]
Effect = Literal["task", "suspension"]
"""What follows for goods that are certainly meant: an officer looks, or they are suspended."""
HitState = Literal["found", "suspended", "freed", "to-look-at", "looked-at", "released", "not-suspended"]


class RecallOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A recall. state: counting, counted (to be confirmed), looking (in force), ended, withdrawn.

    in_flight_count, hit_count: consignments in flight when it was declared, and which of them hold the goods;
    absent while they are counted. found_count: tasks made since it was confirmed. is_too_wide: it would find
    more than one recall may. effect: what follows for what it certainly means. ground_code: of the law it
    rests on. suspended_count, kept_count: suspended by it, and still so; possible_count: for an officer to
    look at; released_count: released before, for follow-up. needs_second_person: it waits for one.
    undone_at: since when all that a withdrawn one did is undone.
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
    effect: Effect = "task"
    ground_code: str | None = None
    needs_second_person: bool = False
    suspended_count: int | None = None
    kept_count: int | None = None
    possible_count: int | None = None
    released_count: int | None = None
    withdrawn_at: dt.datetime | None = None
    withdrawal_reason_code: str | None = None
    undone_at: dt.datetime | None = None


class RecallHit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A consignment that holds recalled goods. closed_at: when an officer settled its task. sureness:
    whether it certainly holds them. state: what became of it."""

    consignment_id: str
    case_id: str
    reference: str
    opened_at: dt.datetime
    sureness: Sureness
    state: HitState
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
    effect: Effect = "task",
    ground_code: str | None = None,
) -> tuple[RecallOut, bool]:
    """Keep a recall, which is counted next; says whether it is new. The same again is harmless.

    ground_code: of laws/recalls.yaml, needed of one that suspends; its law is that of the ground, unless
    law_reference states another. Raises SeraiError `recall-rule-too-wide`, `recall-suspends-nothing`,
    `recall-ground-unknown`, `reference-reused`.
    """
    check_rule(rule)
    if effect == "suspension" and (ground_code is None or not rule.gtins):
        raise SeraiError(
            "recall-suspends-nothing",
            "A recall suspends by product number alone, and on a legal ground; one of the two is missing.",
            "State gtins and ground_code, or let the recall make tasks.",
        )
    if ground_code is not None:
        ground = find_ground(ground_code, services.country_code, services.clock.now())
        law_reference = law_reference or ground.law_reference
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
            "effect": effect,
            "ground_code": ground_code,
        }
        await store.execute(connection, "insert_recall", **values)
        (row,) = await store.select_recalls(
            connection,
            administration_id=services.administration_id,
            party_id=sender.party_id,
            reference=reference,
        )
    before = (row.reason_code, row.law_reference, encode_rule(_RULE.decode(row.rule)))
    if (*before, row.effect, row.ground_code) != (reason_code, law_reference, kept, effect, ground_code):
        raise SeraiError(
            "reference-reused",
            "This reference was used before for another recall.",
            "Give the recall a reference of its own.",
        )
    return _recall_out(row), row.recall_id == recall_id


async def read_recalls(services: Services, sender: Sender) -> list[RecallOut]:
    """Return recalls, oldest first: officers see all, an agency its own."""
    async with services.database.read(services.administration_id) as connection:
        own = services.administration_id
        rows = await store.select_recalls(connection, party_id=whose(sender), administration_id=own)
        suspending = [row.recall_id for row in rows if row.suspends]
        counts = await store.count_hits(connection, suspending, administration_id=own)
    return [_recall_out(row, counts.get(row.recall_id)) for row in rows]


async def read_recall(services: Services, sender: Sender, recall_id: int) -> RecallOut:
    """Return one recall. Raises SeraiError `not-found`."""
    async with services.database.read(services.administration_id) as connection:
        return await _told(services, connection, sender, recall_id)


async def read_hits(
    services: Services, sender: Sender, recall_id: int, *, after_id: int, limit: int
) -> list[RecallHit]:
    """Return what a recall has found, by consignment. Raises SeraiError `not-found`."""
    async with services.database.read(services.administration_id) as connection:
        await find_recall(services, connection, sender, recall_id)
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
            sureness="certain" if row.sureness == 1 else "possible",
            state=_state_of(row),
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
        row = await find_recall(services, connection, sender, recall_id)
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
        if row.suspends and row.confirmed_at is None and row.acting_user == sender.acting_user:
            raise SeraiError(
                "second-person-needed",
                "This recall finds so much that a second person confirms it.",
                "Ask another person of the agency, or an officer, to confirm the count.",
            )
        if _is_too_wide(row):
            raise SeraiError(
                "recall-too-wide",
                MessageText(
                    "One recall makes at most {count_max} tasks of what is in flight.", count_max=HITS_MAX
                ),
                "Declare it anew with a narrower rule: longer commodity codes, product numbers, sellers.",
            )
        at, acting_user = services.clock.now(), sender.acting_user
        named = {"recall_id": recall_id, **key}
        await store.execute(connection, "confirm_recall", at=at, acting_user=acting_user, **named)
        return await _told(services, connection, sender, recall_id)


async def end_recall(services: Services, sender: Sender, recall_id: int) -> RecallOut:
    """Look no more for what a recall asks for; its tasks and suspensions stay. Raises SeraiError
    `not-found`."""
    async with services.database.write() as connection:
        await find_recall(services, connection, sender, recall_id)
        named = {"recall_id": recall_id, "administration_id": services.administration_id}
        await store.execute(connection, "end_recall", at=services.clock.now(), **named)
        return await _told(services, connection, sender, recall_id)


async def withdraw_recall(
    services: Services, sender: Sender, recall_id: int, *, reason_code: str
) -> RecallOut:
    """Say that a recall was wrong: nothing more is looked for, what it suspended is freed next, its tasks are
    closed, and everybody who was told is told that. Again is harmless. Raises SeraiError `not-found`."""
    async with services.database.write() as connection:
        await find_recall(services, connection, sender, recall_id)
        named = {"recall_id": recall_id, "administration_id": services.administration_id}
        at, acting_user = services.clock.now(), sender.acting_user
        await store.execute(
            connection, "withdraw_recall", at=at, acting_user=acting_user, reason_code=reason_code, **named
        )
        return await _told(services, connection, sender, recall_id)


async def close_hit(
    processor: Processor, sender: Sender, recall_id: int, consignment_id: int, *, reason: str
) -> Act:
    """Close the task of a consignment that a recall has found, by an officer's word; returns the act. Again
    is harmless. Raises SeraiError `not-found`."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> Act:
        row = await find_recall(services, connection, sender, recall_id)
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


async def find_recall(
    services: Services, connection: Connection, sender: Sender, recall_id: int
) -> RecallRow:
    """Return a recall that a sender sees. Raises SeraiError `not-found`."""
    rows = await store.select_recalls(
        connection,
        administration_id=services.administration_id,
        party_id=whose(sender),
        recall_id=recall_id,
    )
    if not rows:
        raise not_found()
    return rows[0]


def whose(sender: Sender) -> int | None:
    """Return whose recalls a sender sees; None: everybody's."""
    return None if "officer" in sender.roles else sender.party_id


async def _told(services: Services, connection: Connection, sender: Sender, recall_id: int) -> RecallOut:
    row = await find_recall(services, connection, sender, recall_id)
    if not row.suspends:
        return _recall_out(row)
    counts = await store.count_hits(connection, [recall_id], administration_id=services.administration_id)
    return _recall_out(row, counts.get(recall_id))


def _state_of(row: HitRow) -> HitState:
    """Return what became of a consignment that was found."""
    if row.is_released:
        return "released"
    if row.sureness != 1:
        return "to-look-at" if row.closed_at is None and row.ended_by is None else "looked-at"
    if row.act_id is None:
        return "found"
    if not row.act_id:
        return "not-suspended"
    return "suspended" if row.ended_by is None else "freed"


def _is_too_wide(row: RecallRow) -> bool:
    return not row.suspends and (row.counted_hit_count or 0) > HITS_MAX


def _recall_out(row: RecallRow, counts: HitCounts | None = None) -> RecallOut:
    state: State = "counting" if row.counted_at is None else "counted"
    if row.confirmed_at is not None:
        state = "looking"
    if row.ended_at is not None:
        state = "ended" if row.withdrawn_at is None else "withdrawn"
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
        effect="suspension" if row.suspends else "task",
        ground_code=row.ground_code,
        needs_second_person=row.suspends and state == "counted",
        suspended_count=None if counts is None else counts.suspended_count,
        kept_count=None if counts is None else counts.kept_count,
        possible_count=None if counts is None else counts.possible_count,
        released_count=None if counts is None else counts.released_count,
        withdrawn_at=row.withdrawn_at,
        withdrawal_reason_code=row.withdrawal_reason_code,
        undone_at=row.undone_at,
    )
