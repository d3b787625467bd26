"""A decided batch into its tables: gathered in one buffer, written together; changes of what is there before
and after it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

import numpy as np
from psycopg import AsyncConnection

from serai.evidence.store import insert_promised_batch
from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import Rows, bigints, blobs, smallints
from serai.foundation.copying import TableBuffer
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.rows import Row
from serai.journey.decision import store as decision_store
from serai.journey.decision.rules import PERSON_LANES, shown_lanes
from serai.journey.ledger.assessed import Standing, assessed_entries
from serai.journey.ledger.posting import enter_posting
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.matching import store as matching_store
from serai.journey.recording.cumulative_allowances import write_draws
from serai.journey.recording.decided_batch import Decided, absent_or, ids_of, instant_of
from serai.journey.recording.payment_entries import enter_payments_of_rows
from serai.journey.services import Services
from serai.journey.split_shipments import store as split_shipment_store
from serai.journey.statistics import store as statistics_store
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import DECISION, NO_TASK, POSSIBLE_MATCH, find_task_kinds
from serai.journey.validation.data_quality import store as quality_store
from serai.journey.validation.data_quality.day_sums import sum_taken
from serai.law.small_arrays import among
from serai.law.tariff import day_of
from serai.model.columns import Int64s
from serai.model.frames import ABSENT, FINAL_STATUSES, RELEASED, WITHDRAWN
from serai.model.ledger import Posting
from serai.model.packed_columns import pack_bits


async def record_named(
    connection: AsyncConnection[Any], rows: Sequence[Row], *, administration_id: int, at: datetime
) -> None:
    """Record the named parties of new and amended declarations; an amendment's names take the place of
    those before.

    A party that registers an identifier later sees what is filed later.
    """
    new = [row for row in rows if row.cut is not None]
    amended = [row.consignment_id for row in new if row.previous is not None]
    if amended:
        await consignment_store.delete_named(
            connection, amended, [row.case_id for row in new if row.previous is not None]
        )
    named = [(party_id, row.case_id, row.consignment_id, role) for row in new for role, party_id in row.named]
    if named:
        await consignment_store.insert_named(connection, named, administration_id=administration_id, at=at)


async def write_tasks(
    services: Services, buffer: TableBuffer, decided: Decided, movement_ids: Int64s
) -> None:
    """Open and close the tasks of a batch, in the transaction that decides it. movement_ids: one a row,
    ABSENT without one."""
    disputes = [
        np.array(list(map(attrgetter(name), decided.rows)), dtype=np.bool_)
        for name in ("has_two_carriers", "has_two_declarants")
    ]
    kinds = find_task_kinds(decided.processed.consignments, *disputes)
    own: dict[str, Any] = {"administration_id": decided.administration_id, "at": decided.at}
    await task_store.open_tasks(
        buffer, _columns(services, decided, movement_ids, kinds, np.flatnonzero(kinds != NO_TASK)), **own
    )
    statuses = decided.processed.consignments.numbers("status_number")
    is_final = among(statuses, FINAL_STATUSES)
    is_closed = (kinds == NO_TASK) & ~decided.is_new
    await task_store.close_tasks(
        buffer, decided.consignment_ids[is_closed].tolist(), is_final[is_closed].tolist(), **own
    )
    offers = [
        (place, *offer)
        for place, row in enumerate(decided.rows)
        for offer in row.possible_documents
        if not is_final[place]
    ]
    if offers:
        await task_store.open_tasks(buffer, _possible_matches(services, decided, movement_ids, offers), **own)


def _possible_matches(
    services: Services, decided: Decided, movement_ids: Int64s, offers: Sequence[tuple[int, int, int]]
) -> Rows:
    """Return tasks for documents that may belong to rows. offers: place of the row, document, how likely."""
    table = np.array(offers, dtype=np.int64)
    kinds = np.full(len(decided.rows), POSSIBLE_MATCH)
    rows = _columns(services, decided, movement_ids, kinds, table[:, 0])
    offered = {"document_id": arrow.int64(table[:, 1]), "score_ppm": arrow.int32(table[:, 2])}
    return Rows({**rows.columns, **offered})


def _debtor_party(row: Row) -> int:
    """Return by whose declaration it is owed: whoever amends it."""
    return row.sender.party_id if row.previous is None else row.previous.party_id


def _columns(
    services: Services, decided: Decided, movement_ids: Int64s, kinds: Int64s, places: Int64s
) -> Rows:
    """Return the tasks of the rows at places, as their table has them."""
    frame = decided.processed.consignments
    rows = [decided.rows[place] for place in places.tolist()]
    reasons = frame.bit_sets("reason_bits")
    kept = kinds[places]
    lanes = frame.numbers("lane_number")[places]
    values = frame.numbers("threshold_value_minor")[places]
    currencies = {one.number: one.run.program.currency for one in decided.processed.runs}
    numbers = frame.numbers("law_number")[places].tolist()
    countries = frame.words("consignee_country_code")
    absent = arrow.int64([ABSENT] * len(rows))
    return arrow.table(
        task_id=arrow.int64(services.ids.take(len(rows)) if rows else []),
        consignment_id=arrow.int64(decided.consignment_ids[places]),
        party_id=arrow.int64(np.array([row.sender.party_id for row in rows], dtype=np.int64)),
        transport_unit_id=arrow.int64(absent_or([row.unit_id for row in rows])),
        movement_id=arrow.int64(movement_ids[places]),
        expected_at=arrow.instants(frame.numbers("arrived_at")[places]),
        value_minor=arrow.int64(values),
        basis_id=arrow.int32(decided.basis_ids[places]),
        document_id=absent,
        score_ppm=arrow.int32(np.full(len(rows), ABSENT)),
        kind=arrow.int16(kept),
        lane=arrow.int16(np.where(kept == DECISION, lanes, ABSENT)),
        currency_code=arrow.texts(
            [
                None if value == ABSENT else currencies[number]
                for value, number in zip(values.tolist(), numbers, strict=True)
            ]
        ),
        consignee_country_code=arrow.texts(
            [countries.words[code] if code >= 0 else "" for code in countries.codes[places].tolist()]
        ),
        rules=arrow.blobs([pack_bits(reasons.sets[code]) for code in reasons.codes[places].tolist()]),
    )


Connection = AsyncConnection[Any]


async def write_decided(
    services: Services, connection: Connection, decided: Decided, buffer: TableBuffer
) -> None:
    """Write everything that follows from a batch, in the caller's transaction. buffer: holds its sealed
    messages and people, if they are not written yet."""
    movement_ids = await statistics_store.find_movements(
        connection,
        [row.declaration.conveyance_reference for row in decided.rows],
        [row.previous for row in decided.rows],
        administration_id=decided.administration_id,
    )
    await _join_cases(connection, decided)
    await _name_people(connection, decided)
    await _write_consignments(connection, buffer, decided, movement_ids)
    await _tell(services, buffer, decided)
    await write_draws(buffer, decided.rows, decided.administration_id)
    await write_tasks(services, buffer, decided, movement_ids)
    await insert_promised_batch(
        buffer,
        decided.promise,
        administration_id=decided.administration_id,
        leaf_ids=decided.decision_ids.tolist(),
    )
    # Last, so that the sums' rows are held for the shortest time.
    await statistics_store.add_batch(
        buffer,
        decided.processed.consignments,
        decided.processed.charges,
        administration_id=decided.administration_id,
        node_id=services.ids.lease.node_id,
        movement_ids=movement_ids,
        previous=[row.previous for row in decided.rows],
        previous_details=[row.previous_detail for row in decided.rows],
        consignment_ids=decided.consignment_ids.tolist(),
        at_ms=decided.at_ms,
    )
    await _count_quality(services, buffer, decided)
    if decided.split_keys is not None:
        await split_shipment_store.insert_keys(buffer, decided.split_keys)
    await _enter(services, connection, buffer, decided)
    await buffer.write(connection)
    await enter_payments_of_rows(services, connection, decided.rows, decided.at)


async def _enter(services: Services, connection: Connection, buffer: TableBuffer, decided: Decided) -> None:
    """Enter in the ledger what the batch has changed of what is owed."""
    before = [
        Standing(
            row.previous.party_id, row.previous.consignee_country_code, row.previous.status, detail.charges
        )
        for row in decided.rows
        if row.previous is not None and (detail := row.previous_detail) is not None
    ]
    entries = assessed_entries(
        decided.processed.consignments,
        decided.processed.charges,
        np.array([_debtor_party(row) for row in decided.rows], dtype=np.int64),
        before,
        shipped_posting_rules(),
    )
    subject_id = int(decided.decision_ids[0])
    await enter_posting(services, connection, buffer, Posting("assessed", subject_id, decided.at, entries))


async def _count_quality(services: Services, buffer: TableBuffer, decided: Decided) -> None:
    """Add what came in to the days of its declarants."""
    if decided.quality is None:
        return
    frame = decided.processed.consignments
    lanes = shown_lanes(frame.numbers("lane_number"), frame.bit_sets("reason_bits"))
    taken = sum_taken(
        decided.quality,
        _declarants(decided.rows),
        frame.words("logistics_channel_code"),
        among(lanes, PERSON_LANES),
        decided.item_counts,
    )
    await quality_store.add_days(
        buffer,
        taken,
        administration_id=decided.administration_id,
        node_id=services.ids.lease.node_id,
        day_on=decided.at.astimezone(UTC).date(),
    )


async def _join_cases(connection: Connection, decided: Decided) -> None:
    """Record where new consignments went that do not stay alone; a case of its own needs no row."""
    joined = [row for row in decided.rows if row.previous is None and row.case_id != row.consignment_id]
    if not joined:
        return
    await matching_store.insert_links(
        connection,
        case_ids=[row.case_id for row in joined],
        document_ids=[row.document_id for row in joined],
        scores_ppm=[1_000_000] * len(joined),
        details=["same reference number"] * len(joined),
        administration_id=decided.administration_id,
        at=decided.at,
    )


async def _name_people(connection: Connection, decided: Decided) -> None:
    """Note who is named: what is new in this batch."""
    new = [row for row in decided.rows if row.cut is not None]
    if new:
        await record_named(connection, new, administration_id=decided.administration_id, at=decided.at)


async def _write_consignments(
    connection: Connection, buffer: TableBuffer, decided: Decided, movement_ids: Int64s
) -> None:
    """Append new consignments; put the newest decision on those that were there."""
    is_new = decided.is_new
    if is_new.any():
        batch = _consignment_columns(decided, movement_ids)
        if not is_new.all():
            batch = batch.take(np.flatnonzero(is_new))
        await consignment_store.insert_consignments(buffer, batch)
    if is_new.all():
        return
    changed = np.flatnonzero(~is_new).tolist()
    frame = decided.processed.consignments
    lanes, statuses, days, accepted = (
        frame.numbers(name).tolist() for name in ("lane_number", "status_number", "law_on", "accepted_at")
    )
    reasons = frame.bit_sets("reason_bits")
    forms, taxes = frame.words("declaration_form_code").texts(), frame.words("tax_territory_code").texts()
    rows = [decided.rows[place] for place in changed]
    # Of a new version of the declaration; what is decided again keeps what it has.
    lodged = [place if decided.rows[place].cut is not None else None for place in changed]
    scores = None if decided.quality is None else decided.quality.stored()
    await consignment_store.replace_consignments(
        connection,
        {
            "at": decided.at,
            "kind": decision_store.DECISION_KINDS.index(decided.kind),
            "consignment_ids": bigints([row.consignment_id for row in rows]),
            "decision_ids": bigints([row.decision_id for row in rows]),
            "document_ids": bigints([row.document_id for row in rows]),
            "versions": smallints([row.version for row in rows]),
            "arrivals": [instant_of(row.arrived_at_ms) for row in rows],
            "basis_ids": decided.basis_ids[changed].tolist(),
            "item_counts": smallints(decided.item_counts[changed]),
            "lanes": smallints([lanes[place] for place in changed]),
            "statuses": smallints([statuses[place] for place in changed]),
            "reasons": blobs([pack_bits(reasons[place]) for place in changed]),
            "law_days": [day_of(days[place]) for place in changed],
            "forms": arrow.texts([forms[place] for place in changed]).array(),
            "acceptances": [instant_of(accepted[place]) for place in changed],
            "tax_territories": arrow.texts([taxes[place] for place in changed]).array(),
            "provisional": decided.processed.is_provisional[changed].tolist(),
            "person_roles": _of_places(decided.sealed.person_roles, lodged),
            "first_person_ids": _of_places(np.maximum(decided.sealed.first_person_ids, 0), lodged),
            "scores": _of_places(None if scores is None else scores.score, lodged),
            "score_bits": _of_places(None if scores is None else scores.bits, lodged),
            "quality_version": None if scores is None else scores.version,
            "salts": blobs([decided.salts[place] for place in changed]),
            "details": arrow.blobs(decided.details).take(np.array(changed)).array(),
        },
    )


def _of_places(column: Int64s | None, places: Sequence[int | None]) -> list[int | None]:
    """Return the numbers of rows; None for no row, or no column."""
    return [None if column is None or place is None else int(column[place]) for place in places]


def _consignment_columns(decided: Decided, movement_ids: Int64s) -> Rows:
    rows, frame, count = decided.rows, decided.processed.consignments, len(decided.rows)
    reasons = frame.bit_sets("reason_bits")
    scored = {}
    if decided.quality is not None:
        scores = decided.quality.stored()
        scored = {
            "quality_score": arrow.int16(scores.score),
            "quality_bits": arrow.int64(scores.bits),
            "quality_version": arrow.int16(np.full(count, scores.version)),
        }
    return arrow.table(
        consignment_id=arrow.int64(decided.consignment_ids),
        case_id=arrow.int64(ids_of(rows, "case_id")),
        party_id=arrow.int64(_declarants(rows)),
        document_id=arrow.int64(ids_of(rows, "document_id")),
        decision_id=arrow.int64(decided.decision_ids),
        transport_unit_id=arrow.int64(absent_or([row.unit_id for row in rows])),
        movement_id=arrow.int64(movement_ids),
        first_person_id=arrow.int64(np.maximum(decided.sealed.first_person_ids, 0)),
        received_at=arrow.instants(np.full(count, decided.at_ms)),
        accepted_at=arrow.instants(frame.numbers("accepted_at")),
        expected_arrival_at=arrow.instants(frame.numbers("arrived_at")),
        arrived_at=arrow.instants(absent_or([row.arrived_at_ms for row in rows])),
        changed_at=arrow.instants(np.full(count, decided.at_ms)),
        law_on=arrow.days(frame.numbers("law_on")),
        basis_id=arrow.int32(decided.basis_ids),
        administration_id=arrow.int16(np.full(count, decided.administration_id)),
        version=arrow.int16(ids_of(rows, "version")),
        item_count=arrow.int16(decided.item_counts),
        lane=arrow.int16(frame.numbers("lane_number")),
        status=arrow.int16(frame.numbers("status_number")),
        decision_kind=arrow.int16(np.full(count, decision_store.DECISION_KINDS.index(decided.kind))),
        person_roles=arrow.int16(decided.sealed.person_roles),
        is_provisional=arrow.flags(decided.processed.is_provisional),
        mrn_ends=arrow.texts([mrn[:4] + mrn[-1] for mrn in decided.mrns]),
        reference=arrow.texts([row.declaration.reference for row in rows]),
        house_document=arrow.texts([row.declaration.house_document for row in rows]),
        logistics_channel_code=arrow.text(frame.words("logistics_channel_code"), absent=""),
        consignee_country_code=arrow.text(frame.words("consignee_country_code"), absent=""),
        transport_mode_code=arrow.text(frame.words("transport_mode_code")),
        tax_territory_code=arrow.text(frame.words("tax_territory_code")),
        form_code=arrow.text(frame.words("declaration_form_code")),
        reasons=arrow.blobs([pack_bits(one) for one in reasons.sets]).take(reasons.codes),
        salt=arrow.blobs(decided.salts),
        detail=arrow.blobs(decided.details),
        **scored,
    )


async def _tell(services: Services, buffer: TableBuffer, decided: Decided) -> None:
    """Tell the declarant, and whoever else has a part in the case, what became of each consignment."""
    rows, count = decided.rows, len(decided.rows)
    more = [(place, party_id) for place, row in enumerate(rows) for party_id in row.notified_party_ids]
    places = np.append(np.arange(count), [place for place, _ in more]).astype(np.int64)
    party_ids = np.append(_declarants(rows), [party_id for _, party_id in more]).astype(np.int64)
    kinds = _events_of(decided)[places]
    case_ids = ids_of(rows, "case_id")
    for kind in np.unique(kinds).tolist():
        # What one consignment tells lies together: who is told beside the declarant comes after it.
        told = np.flatnonzero(kinds == kind)
        told = told[np.argsort(places[told], kind="stable")]
        await consignment_store.insert_events(
            buffer,
            administration_id=decided.administration_id,
            event_ids=services.ids.take(len(told)),
            party_ids=party_ids[told],
            case_ids=case_ids[places[told]],
            kind=_EVENTS[kind],
            decision_ids=decided.decision_ids[places[told]],
            at_ms=decided.at_ms,
        )


_EVENTS: Final = ("invalidated", "released", "decided", "decided-again")


def _events_of(decided: Decided) -> Int64s:
    """Return of each row which of _EVENTS became of it."""
    statuses = decided.processed.consignments.numbers("status_number")
    return np.select([statuses == WITHDRAWN, statuses == RELEASED, decided.is_new], [0, 1, 2], 3)


def _declarants(rows: Sequence[Row]) -> Int64s:
    return np.array([row.sender.party_id for row in rows], dtype=np.int64)
