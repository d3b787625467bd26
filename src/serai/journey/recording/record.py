"""Decide the rows of a batch and make the decisions durable: the one place where that happens."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from serai.evidence.leaf import SALT_SIZE_BYTES, CommittedField, commit_field
from serai.evidence.promise import commit_and_promise
from serai.evidence.receipt import promise_receipts
from serai.foundation.copying import TableBuffer, copy_table, target_of
from serai.foundation.vault.sealing import RetentionClass
from serai.foundation.vault.wrapping import Epoch
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments.rows import Row
from serai.journey.documents.sealing import Sealed, people_by_role, reserve_epoch, seal_rows
from serai.journey.documents.submission import Answer
from serai.journey.law_in_force.state import LawState, ensure_bases
from serai.journey.pipeline import Checked, Processed
from serai.journey.recording.cited_quotes import honour_quotes
from serai.journey.recording.controls.agencies import keep_agency_controls
from serai.journey.recording.controls.listed_names import settle_names, write_hits
from serai.journey.recording.controls.permits.drawing import write_permit_draws
from serai.journey.recording.controls.permits.settling import settle_permits
from serai.journey.recording.controls.selecting import keep_selection, risk_inputs
from serai.journey.recording.controls.split_shipments import build_split_keys
from serai.journey.recording.cumulative_allowances import hold_cumulative_allowances, note_draws
from serai.journey.recording.decided_batch import Decided, ids_of, name_places, sequence_numbers
from serai.journey.recording.decision_json import encode_decisions, quality_out
from serai.journey.recording.recorded_facts import encode_contexts
from serai.journey.recording.run import recall_rows, run_pipeline
from serai.journey.recording.write_decided import write_decided
from serai.journey.screening.rules import PartyHit
from serai.journey.services import Services
from serai.journey.validation.data_quality.score import Quality, score_quality
from serai.model.packed_detail import DetailColumns, pack_details
from serai.model.registration_number import registration_numbers


async def decide_and_record(
    services: Services,
    connection: AsyncConnection[Any],
    rows: Sequence[Row],
    law: LawState,
    at: datetime,
    *,
    kind: str,
    checked: Checked | None = None,
    processed: Processed | None = None,
) -> None:
    """Decide rows and write the outcome in the caller's transaction; each row gets its answer.

    kind: pre-loading, pre-arrival, release or post-clearance. checked: the rows' documents with their people,
    same order; None when all rows are decided again on recorded facts. processed: of `run_pipeline`, where it
    is known already and the rows' draws are noted.
    """
    # What no decision changes comes first: others wait for the allowances that are held from then on.
    epoch = await reserve_epoch(services, connection, rows, at)
    kept = await beside_the_loop(len(rows), _seal, services, rows, epoch)
    buffer = TableBuffer()
    if kept.sealed.batch is not None:
        await copy_table(target_of(connection, buffer, len(rows)), "vault_batch", kept.sealed.batch)
    risk = None
    hits: Sequence[PartyHit] = ()
    if processed is None:
        if checked is None:
            checked = await beside_the_loop(len(rows), recall_rows, rows, law, at)
        await hold_cumulative_allowances(services, connection, rows, checked, law)
        checked = await settle_permits(services, connection, rows, checked, law, at=at)
        risk = await risk_inputs(services, connection, rows, checked=checked, law=law, at=at)
        hits = await settle_names(services, connection, rows, checked, law)
        processed = await beside_the_loop(len(rows), run_pipeline, rows, checked, law, at, risk, hits=hits)
        note_draws(rows, processed)
    processed = await honour_quotes(
        services, connection, rows, processed, checked=checked, law=law, at=at, risk=risk, hits=hits
    )
    processed = name_places(rows, processed)
    await ensure_bases(
        services.database.write,
        law,
        np.unique(processed.consignments.numbers("law_number")).tolist(),
        administration_id=services.administration_id,
        at=at,
    )
    quality = None
    if checked is not None and checked.marks is not None:
        vague = processed.items.flags("is_description_vague")
        quality = score_quality(checked.marks, vague, processed.first_items)
    order = _Order(services, rows, processed, law, at, kind, kept, quality, checked)
    decided = await beside_the_loop(len(rows), _build, order)
    if risk is not None and law.risk is not None:
        await keep_selection(services, buffer, rows, processed=processed, law=law.risk, inputs=risk, at=at)
    await write_decided(services, connection, decided, buffer)
    await write_permit_draws(services, connection, rows, at)
    await write_hits(services, connection, rows, hits, at)
    await keep_agency_controls(services, connection, rows, processed, law=law, at=at)
    receipts = await beside_the_loop(len(rows), promise_receipts, decided.promise)
    told = quality_out(quality, len(rows))
    for row, decision, receipt, score in zip(rows, decided.decisions, receipts, told, strict=True):
        row.answer = Answer(
            status="decided",
            reference=row.declaration.reference,
            case_id=row.case_id,
            document_id=row.document_id,
            decision_id=row.decision_id,
            decision=decision,
            receipt=receipt,
            findings=row.advice,
            version=row.version,
            data_quality=score,
        )


class _Kept(NamedTuple):
    """Messages and people of a batch, committed to by field, and sealed."""

    committed: Mapping[str, CommittedField]
    sealed: Sealed


def _seal(services: Services, rows: Sequence[Row], epoch: Epoch | None) -> _Kept:
    """Commit to each new document and each of its people, one salt each, and seal them."""
    cuts = [row.cut for row in rows]
    fields: dict[str, list[bytes]] = {}
    if epoch is not None:
        fields["document"] = [cut.message if cut is not None else b"" for cut in cuts]
        fields |= people_by_role(cuts)
    committed = {
        name: commit_field(name, values, services.random_bytes(len(values) * SALT_SIZE_BYTES))
        for name, values in fields.items()
    }
    salts = {name: one.salts for name, one in committed.items()}
    return _Kept(committed, seal_rows(services, rows, salts, epoch, RetentionClass.DECLARATION))


class _Order(NamedTuple):
    """All that building a batch needs: handed to a thread as one."""

    services: Services
    rows: Sequence[Row]
    processed: Processed
    law: LawState
    at: datetime
    kind: str
    kept: _Kept
    quality: Quality | None
    checked: Checked | None


def _build(order: _Order) -> Decided:
    """Word the decisions, commit to them, promise them."""
    services, rows, processed, law, at, kind, kept, quality, checked = order
    mrns = registration_numbers(ids_of(rows, "consignment_id"), at.year, services.country_code)
    for place, row in enumerate(rows):
        if row.previous is not None:
            mrns[place] = row.previous.mrn
    decided_at = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    decisions = encode_decisions(rows, processed, law, mrns, kind=kind, decided_at=decided_at)
    leaf_ids = [row.decision_id for row in rows]
    commitments, promise = commit_and_promise(
        services, at, leaf_ids=leaf_ids, fields={"decision": decisions}, earlier=kept.committed
    )
    services.recent_promises.add(promise)
    return Decided(
        administration_id=services.administration_id,
        rows=rows,
        processed=processed,
        law=law,
        at=at,
        kind=kind,
        mrns=mrns,
        decisions=decisions,
        details=_details(rows, processed),
        salts=commitments.salts["decision"],
        sealed=kept.sealed,
        promise=promise,
        quality=quality,
        split_keys=build_split_keys(
            services.pseudonymiser,
            rows,
            checked,
            processed,
            at_ms=int(at.timestamp() * 1000),
            administration_id=services.administration_id,
        )
        if services.groups_parcels
        else None,
    )


def _details(rows: Sequence[Row], processed: Processed) -> Any:
    """Return what was decided upon each row, packed (pyarrow)."""
    return pack_details(
        DetailColumns(
            items=processed.items,
            charges=processed.charges,
            charge_sequence=sequence_numbers(processed, processed.charges.numbers("item")),
            findings=processed.findings,
            finding_sequence=sequence_numbers(processed, processed.findings.numbers("item")),
            contexts=encode_contexts(rows, processed),
        )
    )
