"""Reading a consignment back: its decision as it was answered, its message without people, and rows to decide
it again."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.evidence.receipt import encode_receipt
from serai.evidence.store import read_promises
from serai.foundation.id_text import format_id
from serai.foundation.vault.reading import Reach, open_messages
from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Basis
from serai.journey.consignments.rows import Row
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.decision.answer import ChargeOut, DecisionOut, GoodsItemOut, Totals, law_packs_of
from serai.journey.decision.rendered_reasons import public_reasons
from serai.journey.decision.rules import ReasonSet, build_reason_set
from serai.journey.decision.store import DECISION_KINDS, DecisionRow
from serai.journey.documents.store import StoredSubmission
from serai.journey.documents.submission import Answer, Sender
from serai.journey.recording.decision_json import score_out
from serai.journey.recording.recorded_facts import finding_out, recorded_context
from serai.journey.services import Services
from serai.journey.validation.data_quality import store as quality_store
from serai.law.book import if_before
from serai.law.tariff import day_of
from serai.model.documents import Consignment
from serai.model.frames import LANES, STATUSES
from serai.model.money import format_minor, percent_text
from serai.model.packed_columns import read_bits
from serai.model.packed_detail import CHARGE_KINDS, DUES, PackedCharge

Connection = AsyncConnection[Any]

_ENCODER = msgspec.json.Encoder()
_CONSIGNMENT = msgspec.json.Decoder(Consignment)


async def stored_answers(
    services: Services,
    connection: Connection,
    submissions: Sequence[StoredSubmission],
    consignments: Sequence[ConsignmentRow],
) -> list[Answer]:
    """Return what was answered for known declarations, in bulk: newest decisions, the receipts first given.

    consignments: theirs, as far as they are kept; an answer without any says that the declaration is known.
    """
    administration_id = services.administration_id
    by_document = {one.document_id: one for one in consignments}
    found = {
        one.document_id: by_document[one.document_id] for one in submissions if one.document_id in by_document
    }
    decisions = await read_decisions(services, connection, list(found.values()))
    receipts = await read_promises(
        connection,
        [one.decision_id for one in found.values()],
        administration_id=administration_id,
        recent=services.recent_promises,
    )
    scores = await quality_store.select_scores(
        connection, [one.document_id for one in submissions], administration_id=administration_id
    )
    answers = []
    for one in submissions:
        consignment = found.get(one.document_id)
        if consignment is None:
            answers.append(Answer("repeated", one.reference, one.first_id, one.document_id))
            continue
        receipt = receipts.get(consignment.decision_id)
        answers.append(
            Answer(
                "repeated",
                one.reference,
                consignment.case_id,
                one.document_id,
                consignment.decision_id,
                _ENCODER.encode(decisions[consignment.decision_id]),
                b"" if receipt is None else encode_receipt(receipt),
                version=one.version,
                data_quality=score_out(*scores[one.document_id]) if one.document_id in scores else None,
            )
        )
    return answers


async def read_decisions(
    services: Services, connection: Connection, consignments: Sequence[ConsignmentRow]
) -> dict[int, DecisionOut]:
    """Return the newest decision of each consignment, as it was answered and committed to, by decision id."""
    decisions = await decision_store.select_decisions(
        connection,
        [one.consignment_id for one in consignments],
        administration_id=services.administration_id,
    )
    newest = {one.decision_id: one for one in consignments}
    return await build_decisions_out(
        connection, [(newest[d.decision_id], d) for d in decisions if d.decision_id in newest]
    )


async def read_decision(
    services: Services, connection: Connection, consignment: ConsignmentRow, decision_id: int | None = None
) -> DecisionOut:
    """Return a decision of a consignment (default: the newest)."""
    decisions = await decision_store.select_decisions(
        connection, [consignment.consignment_id], administration_id=services.administration_id
    )
    wanted = decision_id or consignment.decision_id
    decision = next(one for one in decisions if one.decision_id == wanted)
    return await build_decision_out(connection, consignment, decision)


async def build_decision_out(
    connection: Connection, consignment: ConsignmentRow, decision: DecisionRow
) -> DecisionOut:
    """Build the answer of a decision from what is stored of it."""
    built = await build_decisions_out(connection, [(consignment, decision)])
    return built[decision.decision_id]


async def build_decisions_out(
    connection: Connection, pairs: Sequence[tuple[ConsignmentRow, DecisionRow]]
) -> dict[int, DecisionOut]:
    """Build the answers of decisions from what is stored of them, in one read whatever their number."""
    bases = await assessment_store.select_basis(
        connection, list({decision.basis_id for _, decision in pairs})
    )
    reason_sets = {
        one.basis_id: build_reason_set(one.reason_set, one.reason_law_references) for one in bases.values()
    }
    return {
        decision.decision_id: _decision_out(
            consignment, decision, bases[decision.basis_id], reason_sets[decision.basis_id]
        )
        for consignment, decision in pairs
    }


def _decision_out(
    consignment: ConsignmentRow, decision: DecisionRow, basis: Basis, reasons: ReasonSet
) -> DecisionOut:
    items, charges = decision.detail.items, decision.detail.charges
    context = recorded_context(decision)
    currency = basis.currency_code or None
    officer = read_bits(context.officer_reasons)
    unconfirmed = if_before(basis.confirmed_until, day_of(context.law_on))
    return DecisionOut(
        decision_id=format_id(decision.decision_id),
        mrn=consignment.mrn,
        version=context.version,
        kind=DECISION_KINDS[decision.kind],
        lane=LANES[decision.lane],
        status=STATUSES[decision.status],
        decided_at=decision.decided_at.astimezone(UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z"),
        goods_items=[
            GoodsItemOut(
                item.sequence_number,
                LANES[item.lane],
                [_charge_out(c, basis) for c in charges if c.sequence_number == item.sequence_number],
                None
                if item.customs_value_minor is None or currency is None
                else format_minor(item.customs_value_minor, currency),
                item.relief_code,
                public_reasons(reasons, item.reason_bits, officer) if item.reason_bits else [],
            )
            for item in items
        ],
        law=law_packs_of(basis.program_code, basis.pack_versions) if basis.program_code else [],
        law_on=day_of(context.law_on).isoformat(),
        law_not_confirmed_since=None if unconfirmed is None else unconfirmed.isoformat(),
        basis=basis.basis_hash.hex(),
        currency_code=currency,
        form_code=context.form_code,
        totals=_totals(charges, currency) if currency and not context.has("has_unknown_charge") else None,
        charges=[_charge_out(c, basis) for c in charges if c.sequence_number == 0],
        reasons=public_reasons(reasons, decision.reason_bits, officer),
        findings=[finding_out(one) for one in decision.detail.findings],
        is_provisional=decision.is_provisional,
        supersedes=format_id(decision.supersedes) if decision.supersedes else None,
    )


def _charge_out(row: PackedCharge, basis: Basis) -> ChargeOut:
    has_rate = bool(row.rate_denominator)
    return ChargeOut(
        basis.charge_set[row.charge_number],
        CHARGE_KINDS[row.kind],
        row.tax_type_code,
        format_minor(row.amount_minor, row.currency_code),
        row.currency_code,
        DUES[row.due],
        row.debtor_code,
        format_minor(row.base_minor, row.currency_code) if has_rate else None,
        percent_text(row.rate_numerator, row.rate_denominator) if has_rate else None,
        row.is_waived,
    )


def _totals(charges: Sequence[PackedCharge], currency: str) -> Totals:
    counted = [row for row in charges if row.currency_code == currency and not row.is_waived]

    def total(rows: Sequence[PackedCharge]) -> str:
        return format_minor(sum(row.amount_minor for row in rows), currency)

    owed = [row for row in counted if CHARGE_KINDS[row.kind] != "claim"]
    by_kind = {
        kind: total([row for row in counted if CHARGE_KINDS[row.kind] == kind]) for kind in CHARGE_KINDS
    }
    return Totals(
        by_kind["duty"],
        by_kind["tax"],
        by_kind["excise"],
        by_kind["fee"],
        total([row for row in owed if DUES[row.due] == "border"]),
        total([row for row in owed if DUES[row.due] == "sale"]),
    )


async def read_messages(
    services: Services, document_ids: Sequence[int], reach: Reach
) -> dict[int, tuple[Consignment, bytes, bytes]]:
    """Open stored declarations: the document without people, its bytes, and the salt of its commitment."""
    opened = await open_messages(
        services.database.write, services.keyring, services.codec, document_ids, reach
    )
    return {
        document_id: (_CONSIGNMENT.decode(one.value), one.value, one.salt)
        for document_id, one in opened.items()
    }


def row_to_redetermine(
    consignment: ConsignmentRow, document: Consignment, decision: DecisionRow, decision_id: int
) -> Row:
    """Return a row that decides a consignment once more, on the facts recorded of its people."""
    context = recorded_context(decision)
    return Row(
        declaration=document,
        sender=Sender(context.declarant, frozenset()),
        document_id=consignment.document_id,
        consignment_id=consignment.consignment_id,
        case_id=consignment.case_id,
        decision_id=decision_id,
        version=consignment.version,
        previous=consignment,
        previous_detail=decision.detail,
        facts=context.as_facts(),
        has_order=context.has("has_order"),
        has_payment=context.has("has_payment"),
        has_transport_document=context.has("has_transport_document"),
        arrived_at_ms=context.arrived_at_ms,
        accepted_at_ms=None if decision.is_provisional else context.accepted_at_ms,
        lodged_at_ms=context.lodged_at_ms,
        unit_id=consignment.transport_unit_id,
        is_paid_or_secured=context.has("is_paid_or_secured"),
        has_two_carriers=context.has("has_two_carriers"),
        has_two_declarants=context.has("has_two_declarants"),
        is_value_contradicted=context.has("is_value_contradicted"),
        is_split_suspected=context.has("is_split_suspected"),
        allowance_used=context.allowance_used,
        same_day_value=context.same_day_value,
        was_counted=context.is_counted,
    )
