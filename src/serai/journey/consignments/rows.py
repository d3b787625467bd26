"""Rows of a batch on their way: consignments to be decided, new, amended or once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from serai.formats.json_lines import read_document
from serai.foundation.id_text import format_id
from serai.journey.allowances.store import CumulativeAllowanceKey, Draw
from serai.journey.assessment.drawing import CumulativeAllowanceStands
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.personal_data import Cut
from serai.journey.documents.submission import Answer, Places, Sender
from serai.journey.matching.rules import TWO_CARRIERS_CLAIM, TWO_DECLARANTS_CLAIM
from serai.journey.permits.store import PermitDraw
from serai.law.counting import Counted
from serai.model.acts import ACT_KINDS, AGENCY_FINDINGS, MEASURE_FINDINGS, MEASURE_REASON, UNIT_FINDINGS, Act
from serai.model.documents import Consignment, Declaration
from serai.model.findings import Finding
from serai.model.packed_detail import Detail


class Row(msgspec.Struct):
    """One consignment to be decided.

    declaration: read as far as it was needed. place: where its answer goes, None when nobody waits. cut:
    the message to keep, None when it is kept already. previous: the consignment as it stands, None when
    it is new. previous_detail: of the decision that stands on it. facts: what was recorded of its people,
    None when they are at hand. origin: gives places in the sender's own message, None: the declaration is
    it. acts: those that stand on it or on its case, payments as far as they are for it. has_payments: some
    stand on its case, enough for it or not. case_findings: what the case's documents say against each other.
    order_token: tax-paid token of an order of its case.
    is_value_contradicted: they say that more was paid than is declared. is_split_suspected: it is in a group
    of parcels that may be one order. possible_documents: that wait and may belong to it, and how likely, in
    ppm. named: role
    and number of each registered party that it names. notified_party_ids: who hears of it beside the
    declarant. allowance_used, same_day_value: as an earlier decision recorded them, for its replay; where
    something is decided cumulative allowances say it. was_counted: the decision that stands was counted.
    accepted_basis_id: of an amendment, what the goods were accepted under, where all of it was there.
    draws_before: what the decision that stands has added to cumulative allowances; draws: what the new
    one adds. permit_draws_before, permit_draws: likewise, what stands written off of permits and what then
    does. permit_findings: why permits that its goods name do not cover them.
    """

    declaration: Declaration
    sender: Sender
    document_id: int
    consignment_id: int
    case_id: int
    decision_id: int
    version: int = 1
    place: int | None = None
    cut: Cut | None = None
    previous: ConsignmentRow | None = None
    previous_detail: Detail | None = None
    facts: "RecordedFacts | None" = None
    advice: list[Finding] = []
    origin: Places | None = None
    has_order: bool = False
    has_payment: bool = False
    has_transport_document: bool = False
    has_two_carriers: bool = False
    has_two_declarants: bool = False
    arrived_at_ms: int | None = None
    accepted_at_ms: int | None = None
    lodged_at_ms: int | None = None
    unit_id: int | None = None
    is_paid_or_secured: bool = False
    allowance_used: int | None = None
    same_day_value: int | None = None
    was_counted: bool = False
    accepted_basis_id: int | None = None
    cumulative_allowances: "Sequence[RowCumulativeAllowance]" = ()
    draws_before: Sequence[Draw] = ()
    draws: Sequence[Draw] = ()
    permit_draws_before: Sequence[PermitDraw] = ()
    permit_draws: Sequence[PermitDraw] = ()
    permit_findings: Sequence[Finding] = ()
    acts: Sequence[Act] = ()
    has_payments: bool = False
    case_findings: list[Finding] = []
    order_token: str | None = None
    is_value_contradicted: bool = False
    is_split_suspected: bool = False
    possible_documents: list[tuple[int, int]] = []
    named: Sequence[tuple[str, int]] = ()
    notified_party_ids: tuple[int, ...] = ()
    answer: Answer | None = None

    @property
    def document(self) -> Consignment:
        """The declaration, read whole."""
        self.declaration = read_document(self.declaration)
        return self.declaration

    @property
    def is_withdrawn(self) -> bool:
        """Whether it is to be invalidated, or was."""
        return any("invalidation" in ACT_KINDS[act.kind].effects for act in self.acts)

    @property
    def has_supporting_documents(self) -> bool:
        """Whether an order, payment or transport document counts in its case."""
        return self.has_order or self.has_payment or self.has_transport_document

    @property
    def said_of_case(self) -> list[Finding]:
        """All that is said of the whole case."""
        if (
            not self.has_two_carriers
            and not self.has_two_declarants
            and not self.acts
            and not self.permit_findings
        ):
            return self.case_findings
        disputes = (TWO_CARRIERS_CLAIM,) * self.has_two_carriers
        disputes += (TWO_DECLARANTS_CLAIM,) * self.has_two_declarants
        return [
            *self.case_findings,
            *disputes,
            *self.permit_findings,
            *said_of_measures(self.acts),
            *said_of_agencies(self.acts),
        ]


def is_of_measure(code: str) -> bool:
    """Say whether a finding speaks of a measure of an officer or an agency."""
    return code.startswith(MEASURE_REASON) or code in _OF_MEASURES


_OF_MEASURES: Final = frozenset(
    [*MEASURE_FINDINGS.values(), *UNIT_FINDINGS.values(), *AGENCY_FINDINGS.values()]
)


def said_of_agencies(acts: Sequence[Act]) -> list[Finding]:
    """Return what a decision says of agencies: of each that keeps or refuses the goods, by what it said last
    of the rules of its remit."""
    newest: dict[str, Act] = {}
    for act in acts:
        if "agency" in ACT_KINDS[act.kind].effects:
            newest |= dict.fromkeys(act.parameters["rules"].split(), act)
    return [
        Finding(
            AGENCY_FINDINGS[act.kind],
            "",
            "hold",
            {
                "act": format_id(act.act_id),
                "agency": act.parameters["agency"],
                "law_reference": act.law_reference or "",
            },
        )
        for act in {one.act_id: one for one in newest.values()}.values()
        if act.kind in AGENCY_FINDINGS
    ]


def said_of_measures(acts: Sequence[Act]) -> list[Finding]:
    """Return what a decision says of officers' measures: of the newest that moved the goods, unless it set
    them free. The reason is said by a finding of its own."""
    moved = [act for act in acts if ACT_KINDS[act.kind].state]
    if not moved or moved[-1].kind not in MEASURE_FINDINGS:
        return []
    newest = moved[-1]
    named = {"act": format_id(newest.act_id), "law_reference": newest.law_reference or ""}
    code = MEASURE_FINDINGS[newest.kind]
    if "unit" in newest.parameters:
        named, code = {**named, "unit": str(newest.parameters["unit"])}, UNIT_FINDINGS[newest.kind]
    said = [Finding(code, "", "hold", named)]
    if newest.reason_code is not None:
        said.append(Finding(f"{MEASURE_REASON}{newest.reason_code}", "", "advice", named))
    return said


class RowCumulativeAllowance(msgspec.Struct, frozen=True, gc=False):
    """A cumulative allowance that counts a consignment, held until the transaction ends. balance: all that
    was added to it; own: by this consignment; before: what stood on it when it was added, None: it comes
    after all others.
    """

    counted: Counted
    key: CumulativeAllowanceKey
    balance: int
    own: int
    before: int | None

    @property
    def stands(self) -> CumulativeAllowanceStands:
        """What the calculation needs of it."""
        word, is_mutual = self.counted.word, self.counted.reopens_earlier
        return CumulativeAllowanceStands(word, self.key, self.balance, self.own, self.before, is_mutual)


@dataclass(frozen=True, slots=True)
class RecordedFacts:
    """What was recorded of a consignment's people and surroundings when it was decided: enough to decide it
    again without them."""

    words: dict[str, str | None]
    flags: dict[str, bool]
