"""Decide the rows of a batch and write everything that follows: the one place where a decision becomes
durable."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.evidence.leaf import commit_batch, salts_size_bytes
from serai.evidence.promise import BatchPromise, promise_batch
from serai.evidence.receipt import promise_receipts
from serai.evidence.store import insert_promised_batch
from serai.foundation import arrow_columns as arrow
from serai.foundation.copying import TableBuffer, copy_table
from serai.foundation.vault.epochs import hold_epoch
from serai.foundation.vault.sealing import Epoch, seal_messages, seal_people
from serai.journey.advise import store as advise_store
from serai.journey.assess import store as assess_store
from serai.journey.clearance.decision_out import build_decisions
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.facts import encode_contexts, fact_columns
from serai.journey.clearance.filing import Answer
from serai.journey.clearance.law_state import LawState, ensure_bases
from serai.journey.clearance.naming import record_named
from serai.journey.clearance.personal import Cut
from serai.journey.clearance.rows import Row
from serai.journey.clearance.settling import add_case_findings, mark_settled, withdraw_rows
from serai.journey.clearance.threads import beside_the_loop
from serai.journey.decide import store as decide_store
from serai.journey.follow import flow_store
from serai.journey.follow import store as follow_store
from serai.journey.match import store as match_store
from serai.journey.pipeline import Checked, Cleared, Context, clear_checked, recall_documents
from serai.model.columns import Int64s
from serai.model.documents import PERSON_ROLES
from serai.model.frames import ABSENT, STATUSES
from serai.model.registration_number import registration_numbers

Connection = AsyncConnection[Any]

_ENCODER = msgspec.json.Encoder()
_RELEASED, _WITHDRAWN = STATUSES.index("released"), STATUSES.index("withdrawn")
ROLE_FIELDS = PERSON_ROLES
"""Names of a leaf's fields that hold a person's commitment."""


class Sealed(Protocol):
    """A document whose message and people go to the vault. cut: None where they are there already."""

    cut: Cut | None
    document_id: int


async def decide_and_record(
    equipment: Equipment,
    connection: Connection,
    rows: Sequence[Row],
    law: LawState,
    at: datetime,
    *,
    kind: str,
    checked: Checked | None = None,
    cleared: Cleared | None = None,
) -> None:
    """Decide rows and write the outcome in the caller's transaction; each row gets its answer.

    kind: pre-loading, pre-arrival, release or post-clearance. checked: the rows' documents with their people,
    same order; None when all rows are decided again on recorded facts. cleared: of `clear_rows`, where it is
    known already.
    """
    cleared = cleared or await beside_the_loop(len(rows), clear_rows, rows, checked, law, at)
    await ensure_bases(
        connection,
        law,
        np.unique(cleared.consignments.numbers("law_number")).tolist(),
        administration_id=equipment.administration_id,
        at=at,
    )
    epochs = await reserve_epochs(equipment, connection, rows, at)
    written = await beside_the_loop(len(rows), _build, equipment, rows, cleared, law, at, kind, epochs)
    await _write(equipment, connection, rows, cleared, written, law, at, kind)
    receipts = await beside_the_loop(len(rows), promise_receipts, written.promise)
    for row, decision, receipt in zip(rows, written.decisions, receipts, strict=True):
        row.answer = Answer(
            status="decided",
            reference=row.document.reference,
            case_id=row.case_id,
            document_id=row.document_id,
            decision_id=row.decision_id,
            decision=decision,
            receipt=receipt,
            findings=row.advice,
            version=row.version,
        )


def clear_rows(rows: Sequence[Row], checked: Checked | None, law: LawState, at: datetime) -> Cleared:
    """Run the pipeline on rows: as they were checked, or on the facts recorded of people who are not at
    hand."""
    at_ms = int(at.timestamp() * 1000)
    absent = np.full(len(rows), ABSENT, dtype=np.int64)
    context = Context(
        has_order=np.array([row.has_order for row in rows], dtype=np.bool_),
        has_payment=np.array([row.has_payment for row in rows], dtype=np.bool_),
        has_transport_document=np.array([row.has_transport_document for row in rows], dtype=np.bool_),
        is_paid_or_secured=np.array([row.is_paid_or_secured for row in rows], dtype=np.bool_),
        buyer_year_used=_absent_or([row.buyer_year_used_minor for row in rows]),
        same_day_value=absent,
        arrived_at=_absent_or([row.arrived_at_ms for row in rows]),
        lodged_at=_absent_or([row.lodged_at_ms for row in rows]),
        accepted_at=_absent_or([row.accepted_at_ms for row in rows]),
    )
    if checked is None:
        checked = recall_documents(
            [row.document for row in rows],
            [str(row.sender.party_id) for row in rows],
            at_ms,
            law.book,
            fact_columns([row.facts for row in rows if row.facts is not None]),
        )
    cleared = clear_checked(checked, at_ms, law.book, law.lists, context)
    if any(row.settled is not None for row in rows) and mark_settled(rows, cleared):
        paid = np.array([row.is_paid_or_secured for row in rows], dtype=np.bool_)
        cleared = clear_checked(
            checked, at_ms, law.book, law.lists, replace(context, is_paid_or_secured=paid)
        )
    return withdraw_rows(rows, add_case_findings(rows, cleared), _WITHDRAWN)


def _absent_or(values: Sequence[int | None]) -> Int64s:
    return np.array([ABSENT if value is None else value for value in values], dtype=np.int64)


async def reserve_epochs(
    equipment: Equipment, connection: Connection, rows: Sequence[Sealed], at: datetime
) -> tuple[Epoch, Epoch] | None:
    """Take the keys under which the batch's new people and messages are sealed; None when nothing new is
    sealed."""
    people_count = sum(len(row.cut.people) for row in rows if row.cut is not None)
    message_count = sum(row.cut is not None for row in rows)
    if not message_count:
        return None
    person = await equipment.person_epochs.reserve(equipment.database.write, people_count, at)
    message = await equipment.message_epochs.reserve(equipment.database.write, message_count, at)
    await hold_epoch(connection, person)
    await hold_epoch(connection, message)
    return person, message


@dataclass(slots=True)
class _Written:
    """What a batch writes, built away from the event loop."""

    decisions: list[bytes]
    promise: BatchPromise
    leaf_ids: list[int]
    people: Any
    messages: Any
    person_roles: Int64s
    first_person_ids: Int64s
    mrns: list[str]
    contexts: list[bytes]
    salts: list[bytes]
    movement_ids: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def _build(
    equipment: Equipment,
    rows: Sequence[Row],
    cleared: Cleared,
    law: LawState,
    at: datetime,
    kind: str,
    epochs: tuple[Epoch, Epoch] | None,
) -> _Written:
    consignment_ids = _ids(rows, "consignment_id")
    mrns = registration_numbers(consignment_ids, at.year, equipment.country_code)
    for place, row in enumerate(rows):
        if row.previous is not None:
            mrns[place] = row.previous.mrn
    decided_at = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    outs = build_decisions(rows, cleared, law, mrns, kind=kind, decided_at=decided_at)
    decisions = [_ENCODER.encode(out) for out in outs]
    fields, salts, leaves = _commit(equipment, rows, decisions, at)
    promise = promise_batch(
        leaves,
        equipment.signer,
        origin=equipment.log_origin,
        batch_id=rows[0].decision_id,
        integrate_by=at + equipment.integrate_within,
        at=at,
    )
    people, messages, roles, first_ids = seal_rows(equipment, rows, salts, epochs)
    return _Written(
        decisions=decisions,
        promise=promise,
        leaf_ids=[row.decision_id for row in rows],
        people=people,
        messages=messages,
        person_roles=roles,
        first_person_ids=first_ids,
        mrns=mrns,
        contexts=encode_contexts(rows, cleared),
        salts=salts["decision"],
    )


def _ids(rows: Sequence[Row], name: str) -> Int64s:
    return np.array([getattr(row, name) for row in rows], dtype=np.int64)


def _commit(
    equipment: Equipment, rows: Sequence[Row], decisions: list[bytes], at: datetime
) -> tuple[dict[str, list[bytes]], dict[str, list[bytes]], list[bytes]]:
    """Commit to each document, each of its people and the decision, one salt each."""
    fields: dict[str, list[bytes]] = {"decision": decisions}
    if any(row.cut is not None for row in rows):
        fields["document"] = [row.cut.message if row.cut is not None else b"" for row in rows]
        fields |= people_by_role([row.cut for row in rows])
    commitments = commit_batch(
        "decision",
        equipment.administration_id,
        at,
        leaf_ids=[row.decision_id for row in rows],
        case_ids=[row.case_id for row in rows],
        fields=fields,
        random_bytes=equipment.random_bytes(salts_size_bytes(len(rows), len(fields))),
    )
    return fields, commitments.salts, commitments.leaf_data


def people_by_role(cuts: Sequence[Cut | None]) -> dict[str, list[bytes]]:
    """Return the JSON of the persons of each role that occurs; b"" where a document has none."""
    found: dict[int, list[bytes]] = {}
    for place, cut in enumerate(cuts):
        for role, content in cut.people if cut is not None else ():
            if role not in found:
                found[role] = [b""] * len(cuts)
            found[role][place] = content
    return {ROLE_FIELDS[role]: found[role] for role in sorted(found)}


def seal_rows(
    equipment: Equipment,
    rows: Sequence[Sealed],
    salts: dict[str, list[bytes]],
    epochs: tuple[Epoch, Epoch] | None,
) -> tuple[Any, Any, Int64s, Int64s]:
    """Seal new people under keys of their own, and messages without people under theirs, each with its
    salt."""
    roles = np.zeros(len(rows), dtype=np.int64)
    first_ids = np.full(len(rows), ABSENT, dtype=np.int64)
    if epochs is None:
        return None, None, roles, first_ids
    values: list[bytes] = []
    record_ids: list[int] = []
    person_salts: list[bytes] = []
    counts = []
    for place, row in enumerate(rows):
        people = row.cut.people if row.cut is not None else []
        counts.append(len(people))
        for role, content in people:
            values.append(content)
            record_ids.append(row.document_id)
            person_salts.append(salts[ROLE_FIELDS[role]][place])
            roles[place] |= 1 << role
    person_ids = equipment.ids.take(len(values))
    begins = np.cumsum(counts) - counts
    has_people = np.array(counts) > 0
    first_ids[has_people] = person_ids[begins[has_people]]
    people = seal_people(
        values, person_ids=person_ids.tolist(), record_ids=record_ids, epoch=epochs[0], salts=person_salts
    )
    places = [place for place, row in enumerate(rows) if row.cut is not None]
    compressed = equipment.codec.compress([rows[place].cut.message for place in places])  # type: ignore[union-attr]
    messages = seal_messages(
        compressed,
        message_ids=[rows[place].document_id for place in places],
        epoch=epochs[1],
        salts=[salts["document"][place] for place in places],
    )
    return people, messages, roles, first_ids


# ---- writing ----


async def _write(
    equipment: Equipment,
    connection: Connection,
    rows: Sequence[Row],
    cleared: Cleared,
    written: _Written,
    law: LawState,
    at: datetime,
    kind: str,
) -> None:
    administration_id, at_ms = equipment.administration_id, int(at.timestamp() * 1000)
    decision_ids, consignment_ids = _ids(rows, "decision_id"), _ids(rows, "consignment_id")
    case_ids, document_ids = _ids(rows, "case_id"), _ids(rows, "document_id")
    is_new = np.array([row.previous is None for row in rows], dtype=np.bool_)
    buffer = TableBuffer()
    await _write_documents(equipment, connection, buffer, rows, written, at, at_ms)
    basis_ids = np.array(
        [law.basis_ids[number] for number in cleared.consignments.numbers("law_number").tolist()],
        dtype=np.int64,
    )
    consignments = cleared.consignments
    written.movement_ids = await flow_store.find_movements(
        connection,
        [row.document.movement_id for row in rows],
        [row.previous for row in rows],
        administration_id=administration_id,
    )
    await _write_consignments(
        connection, buffer, rows, cleared, written, basis_ids, is_new, administration_id, at, at_ms
    )
    owner = cleared.items.numbers("owner")
    await assess_store.insert_goods_items(
        buffer,
        cleared.items,
        administration_id=administration_id,
        consignment_ids=consignment_ids[owner],
        decision_ids=decision_ids[owner],
    )
    if not is_new.all():
        replaced = [row for row in rows if row.previous is not None]
        await assess_store.reverse_charges(
            connection,
            consignment_ids=[row.consignment_id for row in replaced],
            old_decision_ids=[row.previous.decision_id for row in replaced],  # type: ignore[union-attr]
            new_decision_ids=[row.decision_id for row in replaced],
        )
    charge_owner, charge_item = cleared.charges.numbers("consignment"), cleared.charges.numbers("item")
    sequence = cleared.items.numbers("sequence_number")
    await assess_store.insert_charges(
        buffer,
        cleared.charges,
        administration_id=administration_id,
        consignment_ids=consignment_ids[charge_owner],
        decision_ids=decision_ids[charge_owner],
        sequence_numbers=np.where(charge_item >= 0, sequence[np.maximum(charge_item, 0)], 0),
    )
    await decide_store.insert_decisions(
        buffer,
        administration_id=administration_id,
        decision_ids=decision_ids,
        case_ids=case_ids,
        consignment_ids=consignment_ids,
        document_ids=document_ids,
        kinds=np.full(len(rows), decide_store.DECISION_KINDS.index(kind)),
        basis_ids=basis_ids,
        lanes=consignments.numbers("lane_number"),
        statuses=consignments.numbers("status_number"),
        reason_bits=consignments.numbers("reason_bits"),
        is_provisional=cleared.is_provisional,
        supersedes=np.array(
            [row.previous.decision_id if row.previous else ABSENT for row in rows], dtype=np.int64
        ),
        decided_at_ms=at_ms,
        contexts=written.contexts,
        salts=written.salts,
    )
    if cleared.findings.row_count:
        found_owner, found_item = cleared.findings.numbers("consignment"), cleared.findings.numbers("item")
        await decide_store.insert_findings(
            buffer,
            cleared.findings,
            administration_id=administration_id,
            decision_ids=decision_ids[found_owner],
            sequence_numbers=np.where(found_item >= 0, sequence[np.maximum(found_item, 0)], 0),
        )
    await _tell(equipment, buffer, rows, consignments.numbers("status_number").tolist(), at_ms)
    await buffer.write(connection)
    await insert_promised_batch(
        connection, written.promise, administration_id=administration_id, leaf_ids=written.leaf_ids
    )
    # Last, so that the sums' rows are held for the shortest time.
    await flow_store.add_batch(
        connection,
        consignments,
        cleared.charges,
        administration_id=administration_id,
        node_id=equipment.ids.lease.node_id,
        movement_ids=written.movement_ids,
        previous=[row.previous for row in rows],
        consignment_ids=consignment_ids.tolist(),
        decision_ids=decision_ids.tolist(),
        at_ms=at_ms,
    )


async def _tell(
    equipment: Equipment, buffer: TableBuffer, rows: Sequence[Row], statuses: Sequence[int], at_ms: int
) -> None:
    """Tell the filer, and whoever else has a part in the case, what became of each consignment."""
    told: dict[str, list[tuple[int, Row]]] = {}
    for row, status in zip(rows, statuses, strict=True):
        lines = told.setdefault(_event_of(row, status), [])
        lines.append((row.sender.party_id, row))
        lines += [(party_id, row) for party_id in row.told_party_ids]
    for kind, lines in told.items():
        await follow_store.insert_events(
            buffer,
            administration_id=equipment.administration_id,
            event_ids=equipment.ids.take(len(lines)),
            party_ids=np.array([party_id for party_id, _ in lines], dtype=np.int64),
            case_ids=_ids([row for _, row in lines], "case_id"),
            kind=kind,
            decision_ids=_ids([row for _, row in lines], "decision_id"),
            at_ms=at_ms,
        )


def _event_of(row: Row, status: int) -> str:
    if status == _WITHDRAWN:
        return "withdrawn"
    if status == _RELEASED:
        return "released"
    return "decided" if row.previous is None else "decided-again"


async def _write_documents(
    equipment: Equipment,
    connection: Connection,
    buffer: TableBuffer,
    rows: Sequence[Row],
    written: _Written,
    at: datetime,
    at_ms: int,
) -> None:
    """Open cases, append documents, and put people and messages into the vault: what is new in this batch."""
    administration_id = equipment.administration_id
    own = [row for row in rows if row.previous is None and row.case_id == row.consignment_id]
    if own:
        await match_store.insert_cases(
            buffer, _ids(own, "case_id"), administration_id=administration_id, at_ms=at_ms
        )
    joined = [row for row in rows if row.previous is None and row.case_id != row.consignment_id]
    if joined:
        await advise_store.set_case(
            connection,
            administration_id=administration_id,
            kind="consignment",
            party_ids=[row.sender.party_id for row in joined],
            references=[row.document.reference for row in joined],
            case_ids=[row.case_id for row in joined],
        )
        await match_store.insert_links(
            connection,
            case_ids=[row.case_id for row in joined],
            document_ids=[row.document_id for row in joined],
            verdicts=["joined"] * len(joined),
            details=["same reference number"] * len(joined),
            administration_id=administration_id,
            at=at,
        )
    places = np.array([place for place, row in enumerate(rows) if row.cut is not None], dtype=np.int64)
    if not len(places):
        return
    new = [rows[place] for place in places.tolist()]
    await advise_store.insert_documents(
        buffer,
        administration_id=administration_id,
        kind="consignment",
        document_ids=_ids(new, "document_id"),
        party_ids=np.array([row.sender.party_id for row in new], dtype=np.int64),
        versions=np.array([row.version for row in new], dtype=np.int64),
        case_ids=_ids(new, "case_id"),
        is_confirmed=np.ones(len(new), dtype=np.bool_),
        roles=["declarant"] * len(new),
        received_at_ms=at_ms,
        person_roles=written.person_roles[places],
        first_person_ids=written.first_person_ids[places],
    )
    await record_named(connection, new, administration_id=administration_id, at=at)
    await copy_table(buffer, "vault_person", written.people)
    await copy_table(buffer, "vault_message", written.messages)


async def _write_consignments(
    connection: Connection,
    buffer: TableBuffer,
    rows: Sequence[Row],
    cleared: Cleared,
    written: _Written,
    basis_ids: Int64s,
    is_new: Any,
    administration_id: int,
    at: datetime,
    at_ms: int,
) -> None:
    if is_new.all():
        await follow_store.insert_consignments(
            buffer, _consignment_batch(rows, cleared, written, basis_ids, administration_id, at_ms)
        )
        return
    places = np.flatnonzero(is_new)
    if len(places):
        batch = _consignment_batch(rows, cleared, written, basis_ids, administration_id, at_ms)
        await follow_store.insert_consignments(buffer, batch.take(arrow.int64(places)))
    changed = np.flatnonzero(~is_new).tolist()
    frame = cleared.consignments
    columns = {
        name: frame.numbers(name).tolist()
        for name in ("lane_number", "status_number", "reason_bits", "law_on")
    }
    forms, taxes = frame.words("declaration_form_code").texts(), frame.words("tax_territory_code").texts()
    counts = np.diff(np.append(cleared.first_items, cleared.items.row_count)).tolist()
    accepted = frame.numbers("accepted_at").tolist()
    await follow_store.replace_consignments(
        connection,
        {
            "at": at,
            "consignment_ids": [rows[p].consignment_id for p in changed],
            "decision_ids": [rows[p].decision_id for p in changed],
            "document_ids": [rows[p].document_id for p in changed],
            "versions": [rows[p].version for p in changed],
            "basis_ids": [int(basis_ids[p]) for p in changed],
            "lanes": [columns["lane_number"][p] for p in changed],
            "statuses": [columns["status_number"][p] for p in changed],
            "reason_bits": [columns["reason_bits"][p] for p in changed],
            "law_days": [_date(columns["law_on"][p]) for p in changed],
            "forms": [forms[p] for p in changed],
            "item_counts": [counts[p] for p in changed],
            "arrivals": [_instant(rows[p].arrived_at_ms) for p in changed],
            "acceptances": [_instant(accepted[p]) for p in changed],
            "tax_territories": [taxes[p] for p in changed],
        },
    )


def _date(day: int) -> Any:
    return np.datetime64(day, "D").astype(object)


def _instant(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def _consignment_batch(
    rows: Sequence[Row],
    cleared: Cleared,
    written: _Written,
    basis_ids: Int64s,
    administration_id: int,
    at_ms: int,
) -> Any:
    frame, count = cleared.consignments, len(rows)
    return arrow.table(
        consignment_id=arrow.int64(_ids(rows, "consignment_id")),
        administration_id=arrow.int16(np.full(count, administration_id)),
        case_id=arrow.int64(_ids(rows, "case_id")),
        party_id=arrow.int64([row.sender.party_id for row in rows]),
        document_id=arrow.int64(_ids(rows, "document_id")),
        version=arrow.int16(np.array([row.version for row in rows])),
        mrn=arrow.texts(written.mrns),
        reference=arrow.texts([row.document.reference for row in rows]),
        house_document=arrow.texts([row.document.house_document for row in rows]),
        transport_unit_id=arrow.int64(_absent_or([row.unit_id for row in rows])),
        channel_code=arrow.text(frame.words("channel_code"), absent=""),
        consignee_country_code=arrow.text(frame.words("consignee_country_code"), absent=""),
        tax_territory_code=arrow.text(frame.words("tax_territory_code")),
        form_code=arrow.text(frame.words("declaration_form_code")),
        item_count=arrow.int16(np.diff(np.append(cleared.first_items, cleared.items.row_count))),
        law_on=arrow.days(frame.numbers("law_on")),
        accepted_at=arrow.instants(frame.numbers("accepted_at")),
        expected_arrival_at=arrow.instants(frame.numbers("arrived_at")),
        arrived_at=arrow.instants(_absent_or([row.arrived_at_ms for row in rows])),
        decision_id=arrow.int64(_ids(rows, "decision_id")),
        basis_id=arrow.int32(basis_ids),
        lane=arrow.int16(frame.numbers("lane_number")),
        status=arrow.int16(frame.numbers("status_number")),
        reason_bits=arrow.int64(frame.numbers("reason_bits")),
        changed_at=arrow.instants(np.full(count, at_ms)),
        movement_id=arrow.int64(written.movement_ids),
    )
