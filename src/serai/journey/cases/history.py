"""What happened to a case, as moments: documents, acts, decisions, arrivals, payments."""

from collections.abc import Mapping, Sequence

from serai.foundation.id_text import format_id
from serai.journey.case_records import store as case_store
from serai.journey.case_records.answers import CaseActOut, Moment
from serai.journey.case_records.documents import document_out, is_readable
from serai.journey.consignments import store
from serai.journey.consignments.act_records import DoneAct
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.tracking.observing import Observed
from serai.journey.visibility.open_case import OpenCase
from serai.journey.visibility.table import may_see
from serai.model.acts import ACT_KINDS, Act
from serai.model.frames import LANES, STATUSES
from serai.model.money import format_minor


def moments_of(
    case: OpenCase,
    *,
    consignments: Sequence[store.ConsignmentRow],
    documents: Sequence[case_store.CaseDocumentRow],
    decisions: Sequence[case_store.CaseDecisionRow],
    acts: Sequence[DoneAct],
    observed: Sequence[Observed],
    preloadings: Sequence[case_store.PreloadingRow],
    words: Mapping[int, str],
) -> list[Moment]:
    """Return the moments a viewer may know of, oldest first. words: of acts whose reason the viewer sees."""
    moments = [
        *(_received(case, row) for row in documents),
        *(_acted(case, done.act, words) for done in acts if sees_act(case, done.act)),
        *(_decided(row, consignments) for row in decisions),
        *(_arrived(row) for row in consignments if row.arrived_at is not None),
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


def sees_act(case: OpenCase, act: Act) -> bool:
    """Say whether a viewer may know of an act: what was asked before loading is between the carrier or post,
    and the administration; what officers note, and what a buyer says to them, is for them."""
    if ACT_KINDS[act.kind].is_internal or act.parameters.get("is_withheld"):
        return case.viewer.is_administration
    if act.kind not in ("screening-reported", "loading-decided"):
        return True
    is_carrier = "transport-document" in case.own_kinds
    return case.viewer.is_administration or is_carrier or case.viewer.party_id == act.party_id


def reasons_seen(
    case: OpenCase, acts: Sequence[DoneAct], documents: Sequence[case_store.CaseDocumentRow]
) -> list[int]:
    """Return the acts with a reason in words that the viewer may read: of payments, who paid and the
    administration; of documents, whoever may read them and why they were amended; of an officer's measures
    and questions, the declarant and the administration."""
    sees_amendments = may_see(case.viewer, "declaration", "amendment_reason", names_viewer=True)
    hidden = {row.document_id for row in documents if not is_readable(case, row)}

    def may_read(act: Act) -> bool:
        if case.viewer.party_id == act.party_id:
            return True
        kind = ACT_KINDS[act.kind]
        if kind.is_measure or kind.is_told or kind.answers_officer:
            return case.viewer.is_administration or (kind.is_told and case.is_declared_by_viewer)
        is_of_document = act.subject_kind != "case" and act.subject_id not in hidden
        return sees_amendments and (case.viewer.is_administration or is_of_document)

    return [
        one.act.act_id
        for one in acts
        # A proof is a file: it is read by itself.
        if one.act.has_words
        and "media_type" not in one.act.parameters
        and sees_act(case, one.act)
        and may_read(one.act)
    ]


def _acted(case: OpenCase, act: Act, words: Mapping[int, str]) -> Moment:
    amount, currency_code = amount_of(case, act)
    return Moment(
        at=act.at,
        kind=act.kind,
        version=act.version if act.subject_kind in ("document", "consignment") else None,
        reason=words.get(act.act_id),
        amount=amount,
        currency_code=currency_code,
    )


def amount_of(case: OpenCase, act: Act) -> tuple[str | None, str | None]:
    """Return amount and currency of a payment, if the viewer may know them."""
    currency_code = act.parameters.get("currency_code")
    sees_amount = case.viewer.party_id == act.party_id or case.may_see("decision", "totals")
    if currency_code is None or not sees_amount:
        return None, None
    return format_minor(act.parameters["amount_minor"], currency_code), currency_code


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


def act_out(case: OpenCase, done: DoneAct, words: Mapping[int, str]) -> CaseActOut:
    """Return an act as the viewer may see it: who did it is for that party and the administration."""
    act = done.act
    is_own = case.viewer.party_id == act.party_id
    sees_who = is_own or case.viewer.is_administration
    amount, currency_code = amount_of(case, act)
    return CaseActOut(
        act_id=format_id(act.act_id),
        kind=act.kind,
        meaning=ACT_KINDS[act.kind].meaning,
        at=act.at,
        is_own=is_own,
        subject_kind=act.subject_kind,
        subject_id=format_id(act.subject_id),
        receipt_id=format_id(act.leaf_id),
        version=act.version if act.subject_kind in ("document", "consignment") else None,
        subject_number=act.subject_number or None,
        reason_code=act.reason_code,
        reason=words.get(act.act_id),
        amount=amount,
        currency_code=currency_code,
        party_id=format_id(act.party_id) if sees_who else None,
        on_behalf_of=_id(act.on_behalf_of) if sees_who else None,
        acting_user=act.acting_user or None if sees_who else None,
        reference=act.reference if sees_who else None,
        expected_decision_id=_id(act.expected_decision_id) if sees_who else None,
        law_reference=act.law_reference,
        due_at=act.due_at,
        reverses=_id(act.reverses),
        reversed_by=_id(done.reversed_by),
        assigned_to=act.parameters.get("assigned_to") if sees_who else None,
    )


def _id(number: int | None) -> str | None:
    return None if number is None else format_id(number)
