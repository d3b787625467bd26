"""What a case looks like from outside: the structs that API and pages answer with. Ids are text, instants
UTC, amounts decimal.
"""

import datetime as dt
from typing import Any, Final

import msgspec

from serai.journey.decision.rendered_reasons import Rendered
from serai.journey.offices.office import OfficeOut
from serai.journey.revenue.payment_advice import PaymentAdvice
from serai.journey.texts.catalogue import Audience
from serai.journey.texts.notices import Means
from serai.model.acts import ACT_KINDS


class _Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is not there for a viewer is left out."""


class AmountsPayable(_Answer, frozen=True):
    """What stands to be paid. due: border or sale; debtor: role that owes it. Marks of payment are taken
    off what is due at the border.
    """

    amount: str
    currency_code: str
    due: str
    debtor: str


class ConsignmentOut(_Answer, frozen=True):
    """A consignment in its newest version."""

    consignment_id: str
    case_id: str
    reference: str
    mrn: str
    version: int
    lane: str
    status: str
    decision_id: str
    law_on: dt.date
    logistics_channel_code: str
    destination_country_code: str
    goods_item_count: int
    changed_at: dt.datetime
    house_document: str | None = None
    accepted_at: dt.datetime | None = None
    expected_arrival_at: dt.datetime | None = None
    arrived_at: dt.datetime | None = None


class DocumentOut(_Answer, frozen=True):
    """A document of a case, in one version. sender: its party's name, where the viewer may know it.
    is_own: the viewer's party sent it. is_readable: the viewer may read it: it sent it, is named in it, or
    has a mandate of its sender.
    """

    document_id: str
    kind: str
    version: int
    received_at: dt.datetime
    is_confirmed: bool
    is_own: bool
    is_readable: bool
    role: str
    sender: str | None = None


class MatchOut(_Answer, frozen=True):
    """What the documents of a case come to, looked at together. verdict: matched, matched-with-reasons,
    mismatch or waiting; says: in words. score: how surely they belong together, of 1.

    differences, awaited: code, sentence and remedy of each: what they say against each other, and what the
    law needs or the declaration names and nobody has sent. Figures are in them for who may read all of the
    documents.
    """

    verdict: str
    says: str
    score: str
    matched_at: dt.datetime
    differences: list[dict[str, Any]]
    awaited: list[dict[str, Any]]


class PossibleMatchOut(_Answer, frozen=True):
    """Another case that may be the same, and the document by which: nothing follows until it is settled. For
    officers."""

    case_id: str
    document_id: str
    score: str
    found_at: dt.datetime


class CaseOut(_Answer, frozen=True):
    """A case. state, next_step: sentences. status: the one that decides when the whole case may go. match:
    absent until a second document has joined the declaration. is_record_examined: what is stored of it is not
    what the evidence log commits to; nothing is released until an officer has looked. is_sum_unknown: a
    charge cannot be said, so that `owed`, empty then, is not nothing. payment_advice: how what is
    owed at the border is paid; absent where nothing is, or no account is set. office: to which one turns,
    with an appeal too.
    """

    case_id: str
    status: str
    state: str
    next_step: str
    owed: list[AmountsPayable]
    consignments: list[ConsignmentOut]
    documents: list[DocumentOut]
    match: MatchOut | None = None
    possible_matches: list[PossibleMatchOut] = []
    is_record_examined: bool = False
    is_sum_unknown: bool = False
    payment_advice: PaymentAdvice | None = None
    office: OfficeOut | None = None


class DecisionAnswer(_Answer, frozen=True):
    """A decision as it was answered and committed to; with texts where they are asked for. is_newest: nothing
    has replaced it. officer_reasons: all reasons, for officers alone. office: to which appeals go.
    """

    case_id: str
    reference: str
    is_newest: bool
    decision: dict[str, Any]
    officer_reasons: list[Rendered] = []
    office: OfficeOut | None = None


class ChargeOut(_Answer, frozen=True):
    """A charge row as it was recorded. A reversal takes back a row of the decision before.
    sequence_number: absent for the consignment's own.
    """

    reference: str
    decision_id: str
    tax_type_code: str
    kind: str
    due: str
    debtor: str
    amount: str
    currency_code: str
    is_waived: bool = False
    is_reversal: bool = False
    sequence_number: int | None = None
    base_amount: str | None = None
    rate_percent: str | None = None


class ChargesOut(_Answer, frozen=True):
    """All charges of a case that can be said, reversals among them, and what stands to be paid.
    is_sum_unknown, payment_advice: as on a case."""

    case_id: str
    owed: list[AmountsPayable]
    charges: list[ChargeOut]
    is_sum_unknown: bool = False
    payment_advice: PaymentAdvice | None = None


MOMENT_KINDS: Final = (
    "document-received",
    "decided",
    "decided-again",
    "arrived",
    "observed",
    "pre-loading-assessed",
    *ACT_KINDS,
)


class Moment(_Answer, frozen=True):
    """Something that happened. kind: one of MOMENT_KINDS; of what was observed sentence says what was seen,
    event_id names the event.
    """

    at: dt.datetime
    kind: str
    sentence: str | None = None
    event_id: str | None = None
    reference: str | None = None
    document_id: str | None = None
    document_kind: str | None = None
    decision_id: str | None = None
    supersedes: str | None = None
    version: int | None = None
    lane: str | None = None
    status: str | None = None
    reason: str | None = None
    amount: str | None = None
    currency_code: str | None = None
    sender: str | None = None


class HistoryOut(_Answer, frozen=True):
    """Documents, acts, decisions, arrival and payments of a case in one line of time."""

    case_id: str
    moments: list[Moment]


class CaseActOut(_Answer, frozen=True):
    """An act: what an officer or a party did. subject_id: of what it is about, by subject_kind. is_own: the
    viewer's party did it; party_id, on_behalf_of, acting_user, reference and parameters are shown to it and
    to the administration alone. reversed_by: the act that took it back. receipt_id: of its receipt.
    assigned_to: of an assignment, the officer; absent: it was given back.
    """

    act_id: str
    kind: str
    meaning: str
    at: dt.datetime
    is_own: bool
    subject_kind: str
    subject_id: str
    receipt_id: str
    version: int | None = None
    subject_number: int | None = None
    reason_code: str | None = None
    reason: str | None = None
    amount: str | None = None
    currency_code: str | None = None
    party_id: str | None = None
    on_behalf_of: str | None = None
    acting_user: str | None = None
    reference: str | None = None
    expected_decision_id: str | None = None
    law_reference: str | None = None
    due_at: dt.datetime | None = None
    reverses: str | None = None
    reversed_by: str | None = None
    assigned_to: str | None = None


class CaseActsOut(_Answer, frozen=True):
    """What was done in a case, oldest first."""

    case_id: str
    acts: list[CaseActOut]


class NoticeTextOut(_Answer, frozen=True):
    """One text of a notice, word for word as it was served. version: the first 16 hexadecimal digits of the
    SHA-256 of its words before parameters stood in their places. pointer: of a finding.
    """

    code: str
    version: str
    language: str
    sentence: str
    remedy: str = ""
    appeal: str | None = None
    pointer: str | None = None


class NoticeOut(_Answer, frozen=True):
    """What was served about one decision: at is when, for the first time. means: answer, page, message
    (of a standard) or webhook. audience: for whom its texts are; language: that was asked for.

    event_kind: of what was told as having happened, where that was it. party_id: to whom, for the
    administration.
    """

    notice_id: str
    decision_id: str
    at: dt.datetime
    means: Means
    audience: Audience
    language: str
    texts: list[NoticeTextOut]
    standard: str | None = None
    event_kind: str | None = None
    party_id: str | None = None


class NoticesOut(_Answer, frozen=True):
    """What was served about the decisions of a case, oldest first."""

    case_id: str
    notices: list[NoticeOut]


class DocumentContent(_Answer, frozen=True):
    """A document's content as the viewer sees it (reference: visibility). Names and addresses are in no
    document here.
    """

    document: DocumentOut
    content: dict[str, Any]


class PersonOut(_Answer, frozen=True):
    """A person's fields, opened from the vault. fields: None when they were erased."""

    person_id: str
    document_id: str
    document_kind: str
    role: str
    fields: dict[str, Any] | None


class PeopleOut(_Answer, frozen=True):
    """The people of a case. purpose: why they were read, as it stands in each one's ledger."""

    case_id: str
    purpose: str
    people: list[PersonOut]


class ReadOut(_Answer, frozen=True):
    """One reading of a person's fields. actor: the key or account that was shown, with
    the person behind the key. name: of the person who read, where the viewer may know, else of the party."""

    read_at: dt.datetime
    purpose: str
    actor: str
    name: str
    document_id: str


class LedgerOut(_Answer, frozen=True):
    """Who read a person's fields, when and why; it outlives an erasure."""

    person_id: str
    reads: list[ReadOut]


class EventOut(_Answer, frozen=True):
    """Something that changed."""

    event_id: str
    kind: str
    case_id: str
    at: dt.datetime
    decision_id: str | None = None


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events in order. next_after: where to go on, also when there were none."""

    events: list[EventOut]
    next_after: str


class ConsignmentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Consignments in order. A page may be short, even empty: go on while next_after is there."""

    consignments: list[ConsignmentOut]
    next_after: str | None
