"""One measure on many cases: only where all have the same open reason, as many as the settings allow, after a
drawn sample was opened. Each case has its own act, decision and receipt, and is refused by itself."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.actor import Role
from serai.foundation.id_text import format_id
from serai.foundation.settings import BulkActSettings
from serai.journey.acts.bulk import store
from serai.journey.acts.bulk.store import BulkRow
from serai.journey.acts.case_acts import reference_reused
from serai.journey.acts.measures import MeasureOrder, take_measure
from serai.journey.assessment import store as assessment_store
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision.rules import PERSON_LANES
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.measure_rules.measure_law import faulty, shipped_measure_rules
from serai.journey.processing.transaction import Processor
from serai.model.acts import ACT_KINDS
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]
_VALID_FOR: Final = timedelta(hours=24)
_NAMED_COUNT_MAX: Final = 5


class BulkLine(msgspec.Struct, frozen=True):
    """One case of a bulk act. reason: its own facts, in words; hearing_id, exception_code: as in
    `MeasureOrder`."""

    case_id: int
    expected_decision_id: int
    reason: str = ""
    hearing_id: int | None = None
    exception_code: str | None = None


class BulkOrder(msgspec.Struct, frozen=True):
    """A measure that is meant for many cases. rule_id: the open reason of all of them. reason: in words, for
    each that has none of its own."""

    reference: str
    kind: str
    reason_code: str
    rule_id: str
    lines: tuple[BulkLine, ...]
    reason: str = ""

    def content_hash(self) -> bytes:
        """Return the hash of all that it says."""
        return hashlib.sha256(msgspec.json.encode(self)).digest()


class BulkDrawn(msgspec.Struct, frozen=True):
    """A bulk act whose sample was drawn. sample: cases to be opened before it is confirmed. expires_at: until
    when it can be."""

    bulk_id: str
    cases_count: int
    sample: list[str]
    opened: list[str]
    expires_at: str


class BulkResult(msgspec.Struct, frozen=True):
    """What became of one case: the act and its receipt, or why it was not done."""

    case_id: str
    act_id: str | None = None
    receipt_id: str | None = None
    code: str | None = None
    message: str | None = None
    next_step: str | None = None


class BulkDone(msgspec.Struct, frozen=True):
    """A bulk act that was confirmed: what became of each case, in the order in which they were named."""

    bulk_id: str
    done_count: int
    results: list[BulkResult]


async def draw(processor: Processor, sender: Sender, order: BulkOrder, limits: BulkActSettings) -> BulkDrawn:
    """Check that a measure may be taken on many cases at once, and draw the sample that is opened first.

    The same again is the same draw. Raises SeraiError `not-found`, `bulk-not-allowed`, `bulk-too-many`,
    `bulk-facts-missing`, `bulk-reason-differs`, `decision-not-current`, `measure-faulty`, `reference-reused`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    _check_order(sender, order, limits)

    async def work(connection: Connection) -> BulkDrawn:
        before = await store.select_bulk_act(
            connection, party_id=sender.party_id, reference=order.reference, **key
        )
        if before is not None:
            _require_same(before, sender, order)
            return await _drawn(connection, before, **key)
        rows = await _rows(processor, connection, order)
        await _require_same_reason(connection, rows, order)
        count = len(order.lines)
        sample_count = min(count, max(limits.sample_min_count, -(-count * limits.sample_percent // 100)))
        places = _shuffled(count, services.random_bytes(32))
        bulk = BulkRow(
            int(services.ids.take(1)[0]), sender.acting_user, at, at + _VALID_FOR, order.content_hash(), None
        )
        values = {
            **bulk._asdict(),
            **key,
            "party_id": sender.party_id,
            "kind": order.kind,
            "rule_id": order.rule_id,
            "reference": order.reference,
        }
        cases = [(one.case_id, one.consignment_id) for one in rows]
        if not await store.insert_bulk_act(connection, values, cases, places[:sample_count]):
            raise reference_reused()
        return await _drawn(connection, bulk, **key)

    drawn: BulkDrawn = await processor.write(work)
    return drawn


def _shuffled(count: int, seed: bytes) -> list[int]:
    """Return the places from 1 in an order that nobody can foresee."""
    return sorted(range(1, count + 1), key=lambda one: hashlib.sha256(seed + one.to_bytes(2)).digest())


async def open_sample(processor: Processor, sender: Sender, bulk_id: int, case_id: int) -> BulkDrawn:
    """Note that whoever means a bulk act opens a case of its sample; return how far that is.

    Raises SeraiError `not-found`."""
    services = processor.services
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> BulkDrawn:
        bulk = await _own(connection, sender, bulk_id, **key)
        at = services.clock.now()
        if not await store.open_sample(connection, bulk_id, case_id, at=at, **key):
            raise not_found()
        return await _drawn(connection, bulk, **key)

    drawn: BulkDrawn = await processor.write(work)
    return drawn


async def confirm(processor: Processor, sender: Sender, bulk_id: int, order: BulkOrder) -> BulkDone:
    """Take the measure on each case, each in a transaction of its own: what another officer has changed since
    is refused by itself, and the others are done. The same again does nothing twice, and goes on where it
    ended. Raises SeraiError `not-found`, `reference-reused`, `bulk-sample-not-opened`, `bulk-too-old`."""
    services = processor.services
    key = {"administration_id": services.administration_id}

    async def begin(connection: Connection) -> Sequence[store.BulkCase]:
        bulk = await _own(connection, sender, bulk_id, **key)
        _require_same(bulk, sender, order)
        cases = await store.select_bulk_cases(connection, bulk_id, **key)
        at = services.clock.now()
        if unopened := [one for one in cases if one.is_sample and one.opened_at is None]:
            raise SeraiError(
                "bulk-sample-not-opened",
                MessageText("{count} cases of the sample were not opened.", count=len(unopened)),
                MessageText(
                    "Open {listed}; if one differs, leave it out of a new one.",
                    listed=_named(one.case_id for one in unopened),
                ),
            )
        if bulk.confirmed_at is None and at >= bulk.expires_at:
            raise SeraiError(
                "bulk-too-old",
                "The sample was drawn too long ago.",
                "Draw another one under a new reference.",
            )
        await store.confirm_bulk_act(connection, bulk_id, at=at, **key)
        return cases

    cases = await processor.write(begin)
    results = [
        await _take(processor, sender, order, line, case)
        for line, case in zip(order.lines, cases, strict=True)
    ]
    done_count = sum(one.act_id is not None for one in results)
    return BulkDone(format_id(bulk_id), done_count, results)


async def _take(
    processor: Processor, sender: Sender, order: BulkOrder, line: BulkLine, case: store.BulkCase
) -> BulkResult:
    measure = MeasureOrder(
        reference=f"{order.reference}-{case.place}",
        kind=order.kind,
        reason_code=order.reason_code,
        reason=line.reason or order.reason,
        expected_decision_id=line.expected_decision_id,
        consignment_id=case.consignment_id,
        hearing_id=line.hearing_id,
        exception_code=line.exception_code,
    )
    try:
        done = await take_measure(processor, sender, case.case_id, measure)
    except SeraiError as fault:
        message, next_step = fault.texts
        return BulkResult(format_id(line.case_id), code=fault.code, message=message, next_step=next_step)
    return BulkResult(format_id(line.case_id), done.act_id, done.act_id)


def limit_of(roles: frozenset[str], limits: BulkActSettings) -> int:
    """Return on how many cases whoever has some roles may act at once."""
    allowed = dict(one.split(":") for one in limits.limits.split())
    return max((int(allowed[one]) for one in roles if one in allowed), default=0)


def is_taken_in_bulk(kind: str) -> bool:
    """Say whether a measure is ever taken on many cases at once: no second person, no rise of what is owed,
    nothing that parties do not hear of."""
    measure = shipped_measure_rules().measure(kind)
    return not (
        measure.needs_second_person or measure.is_adverse_if_more_is_owed or ACT_KINDS[kind].is_internal
    )


def _check_order(sender: Sender, order: BulkOrder, limits: BulkActSettings) -> None:
    if Role.OFFICER not in sender.roles:
        raise not_found()
    measure = shipped_measure_rules().measure(order.kind)
    if not is_taken_in_bulk(order.kind):
        raise SeraiError(
            "bulk-not-allowed",
            MessageText("The measure {kind} is taken case by case.", kind=order.kind),
            "Open each case, and take it there.",
        )
    if len({one.case_id for one in order.lines}) != len(order.lines):
        raise faulty("See to it that each case is named once.")
    limit = limit_of(frozenset(sender.roles), limits)
    if len(order.lines) > limit:
        raise SeraiError(
            "bulk-too-many",
            MessageText(
                "You may act on {limit} cases at once; these are {count}.",
                limit=limit,
                count=len(order.lines),
            ),
            "Take them in parts, or ask whoever may act on more.",
        )
    facts = [one.reason.strip() for one in order.lines]
    if measure.is_adverse and (not all(facts) or len(set(facts)) != len(facts)):
        raise SeraiError(
            "bulk-facts-missing",
            "An adverse measure states the facts of each case, and these are missing or the same.",
            "Say of each case what was found in it.",
        )


async def _rows(processor: Processor, connection: Connection, order: BulkOrder) -> list[ConsignmentRow]:
    """Return the consignment of each line, by the decision that was read. Raises SeraiError
    `decision-not-current`."""
    found = await consignment_store.select_consignments_of_cases(
        connection,
        [one.case_id for one in order.lines],
        administration_id=processor.services.administration_id,
    )
    by_decision: Mapping[int, ConsignmentRow] = {one.decision_id: one for one in found}
    missing = [one.case_id for one in order.lines if one.expected_decision_id not in by_decision]
    if missing:
        raise SeraiError(
            "decision-not-current",
            "Some of these decisions do not stand any more, or the cases are not there; nothing was done.",
            MessageText("Read the newest decision of {missing}.", missing=_named(missing)),
        )
    return [by_decision[one.expected_decision_id] for one in order.lines]


async def find_other_reasons(
    connection: Connection, rows: Sequence[ConsignmentRow], rule_id: str
) -> list[int]:
    """Return the cases of consignments of which a rule does not speak, or of which nobody is asked for it."""
    bases = await assessment_store.select_basis(connection, sorted({one.basis_id for one in rows}))
    different = []
    for row in rows:
        rule_ids = bases[row.basis_id].reason_set
        spoke = {rule_id for bit, rule_id in enumerate(rule_ids) if row.reason_bits >> bit & 1}
        if rule_id not in spoke or row.lane not in PERSON_LANES:
            different.append(row.case_id)
    return different


async def _require_same_reason(
    connection: Connection, rows: Sequence[ConsignmentRow], order: BulkOrder
) -> None:
    """Raise SeraiError `bulk-reason-differs` unless one rule speaks of all, and a person is asked for it."""
    different = await find_other_reasons(connection, rows, order.rule_id)
    if different:
        raise SeraiError(
            "bulk-reason-differs",
            MessageText("The open reason {rule_id} is not that of all these cases.", rule_id=order.rule_id),
            MessageText("Leave {different} out.", different=_named(different)),
        )


async def _own(connection: Connection, sender: Sender, bulk_id: int, *, administration_id: int) -> BulkRow:
    """Return a bulk act of whoever asks. Raises SeraiError `not-found`."""
    bulk = await store.select_bulk_act(
        connection, party_id=sender.party_id, administration_id=administration_id, bulk_id=bulk_id
    )
    if bulk is None or bulk.acting_user != sender.acting_user or Role.OFFICER not in sender.roles:
        raise not_found()
    return bulk


def _require_same(bulk: BulkRow, sender: Sender, order: BulkOrder) -> None:
    if bulk.content_hash != order.content_hash() or bulk.acting_user != sender.acting_user:
        raise reference_reused()


async def _drawn(connection: Connection, bulk: BulkRow, *, administration_id: int) -> BulkDrawn:
    cases = await store.select_bulk_cases(connection, bulk.bulk_id, administration_id=administration_id)
    sample = [one for one in cases if one.is_sample]
    return BulkDrawn(
        format_id(bulk.bulk_id),
        len(cases),
        [format_id(one.case_id) for one in sample],
        [format_id(one.case_id) for one in sample if one.opened_at is not None],
        bulk.expires_at.isoformat(timespec="seconds"),
    )


def _named(case_ids: Any) -> str:
    names = [format_id(one) for one in case_ids]
    more = f" (+ {len(names) - _NAMED_COUNT_MAX})" if len(names) > _NAMED_COUNT_MAX else ""
    return ", ".join(names[:_NAMED_COUNT_MAX]) + more
