"""What happened to a case, as moments: documents, acts, decisions, arrivals, payments."""

from collections.abc import Mapping, Sequence

from serai.foundation.id_text import format_id
from serai.journey.case_records import store as case_store
from serai.journey.case_records.answers import Moment
from serai.journey.case_records.documents import DOCUMENT_KINDS, document_out
from serai.journey.consignments import store
from serai.journey.tracking.observing import Observed
from serai.journey.visibility.open_case import OpenCase
from serai.journey.visibility.table import may_see
from serai.model.frames import LANES, STATUSES
from serai.model.money import format_minor


def moments_of(
    case: OpenCase,
    *,
    consignments: Sequence[store.ConsignmentRow],
    documents: Sequence[case_store.CaseDocumentRow],
    decisions: Sequence[case_store.CaseDecisionRow],
    acts: Sequence[case_store.ActRow],
    payment_records: Sequence[case_store.PaymentRecordRow],
    observed: Sequence[Observed],
    preloadings: Sequence[case_store.PreloadingRow],
    words: Mapping[int, str],
) -> list[Moment]:
    """Return the moments a viewer may know of, oldest first. words: of acts whose reason the viewer sees."""
    moments = [
        *(_received(case, row) for row in documents),
        *(_acted(row, words) for row in acts),
        *(_decided(row, consignments) for row in decisions),
        *(_arrived(row) for row in consignments if row.arrived_at is not None),
        *(_settled(case, row) for row in payment_records),
        *(
            Moment(at=one.at, kind="observed", sentence=one.sentence, event_id=one.event_uri)
            for one in observed
        ),
        *(_assessed(row) for row in preloadings if _knows_loading(case, row)),
    ]
    return sorted(moments, key=lambda one: one.at)


def _received(case: OpenCase, row: case_store.CaseDocumentRow) -> Moment:
    return Moment(
        at=row.received_at,
        kind="document-received",
        document_id=format_id(row.document_id),
        document_kind=DOCUMENT_KINDS[row.kind - 1],
        version=row.version,
        sender=document_out(case, row).sender,
    )


def reasons_seen(case: OpenCase, acts: Sequence[case_store.ActRow]) -> list[int]:
    """Return the acts with a reason in words that the viewer may read."""
    sees_all = may_see(case.viewer, "consignment", "amendment_reason")
    return [
        row.act_id for row in acts if row.has_words and (sees_all or case.viewer.party_id == row.party_id)
    ]


def _acted(row: case_store.ActRow, words: Mapping[int, str]) -> Moment:
    return Moment(at=row.at, kind=row.kind, version=row.version, reason=words.get(row.act_id))


def _decided(row: case_store.CaseDecisionRow, consignments: Sequence[store.ConsignmentRow]) -> Moment:
    reference = next(one.reference for one in consignments if one.consignment_id == row.consignment_id)
    return Moment(
        at=row.decided_at,
        kind="decided-again" if row.supersedes else "decided",
        reference=reference,
        decision_id=format_id(row.decision_id),
        supersedes=format_id(row.supersedes) if row.supersedes else None,
        lane=LANES[row.lane],
        status=STATUSES[row.status],
    )


def _arrived(row: store.ConsignmentRow) -> Moment:
    assert row.arrived_at is not None
    return Moment(at=row.arrived_at, kind="arrived", reference=row.reference)


def _knows_loading(case: OpenCase, row: case_store.PreloadingRow) -> bool:
    """Say whether a viewer may know what carrier or post was asked: itself, and officers."""
    return case.viewer.is_administration or case.viewer.party_id == row.party_id


def _assessed(row: case_store.PreloadingRow) -> Moment:
    return Moment(
        at=row.made_at,
        kind="pre-loading-assessed",
        reference=row.reference,
        status=store.PRELOADING_OUTCOMES[row.outcome],
    )


def _settled(case: OpenCase, row: case_store.PaymentRecordRow) -> Moment:
    sees_amount = case.viewer.party_id == row.party_id or case.may_see("decision", "totals")
    return Moment(
        at=row.marked_at,
        kind=row.kind,
        amount=format_minor(row.amount_minor, row.currency_code) if sees_amount else None,
        currency_code=row.currency_code if sees_amount else None,
    )
