"""The pure pipeline on the rows of a batch: as they were checked, or on the facts recorded of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

import numpy as np

from serai.journey.assessment.drawing import stand
from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Checked, Context, Processed, recall_documents, run_checked
from serai.journey.recording.controls.permits.settling import recall_permits
from serai.journey.recording.controls.selecting import RiskInputs
from serai.journey.recording.decided_batch import absent_or
from serai.journey.recording.recorded_facts import fact_columns
from serai.journey.recording.standing_acts import act_frame
from serai.journey.screening.rules import PartyHit
from serai.model.columns import Frame, encode_words
from serai.model.findings import Finding, encode_parameters


def context_of(rows: Sequence[Row]) -> Context:
    """Return what is known of rows beside their documents."""
    # In one pass: each touches the rows anew, which are more than the processor's cache holds.
    (
        order,
        payment,
        transport_document,
        paid,
        carriers,
        declarants,
        contradicted,
        suspected,
        used,
        same_day,
        arrived,
        lodged,
        accepted,
        counted,
    ) = zip(*map(_KNOWN, rows), strict=True) if rows else [()] * 14
    return Context(
        has_order=np.array(order, dtype=np.bool_),
        has_payment=np.array(payment, dtype=np.bool_),
        has_transport_document=np.array(transport_document, dtype=np.bool_),
        is_paid_or_secured=np.array(paid, dtype=np.bool_),
        is_disputed=np.array(carriers, dtype=np.bool_) | np.array(declarants, dtype=np.bool_),
        is_value_contradicted=np.array(contradicted, dtype=np.bool_),
        allowance_used=absent_or(used),
        same_day_value=absent_or(same_day),
        arrived_at=absent_or(arrived),
        lodged_at=absent_or(lodged),
        accepted_at=absent_or(accepted),
        standings=stand([[one.stands for one in its] for its in counted]) if any(counted) else {},
        acts=act_frame(rows),
        is_split_suspected=np.array(suspected, dtype=np.bool_),
    )


_KNOWN = attrgetter(
    "has_order",
    "has_payment",
    "has_transport_document",
    "is_paid_or_secured",
    "has_two_carriers",
    "has_two_declarants",
    "is_value_contradicted",
    "is_split_suspected",
    "allowance_used",
    "same_day_value",
    "arrived_at_ms",
    "lodged_at_ms",
    "accepted_at_ms",
    "cumulative_allowances",
)


def recall_rows(rows: Sequence[Row], law: LawState, at: datetime) -> Checked:
    """Read the documents of rows on the facts recorded of their people."""
    return recall_documents(
        [row.document for row in rows],
        [str(row.sender.party_id) for row in rows],
        int(at.timestamp() * 1000),
        law.book,
        fact_columns([row.facts for row in rows if row.facts is not None]),
    )


def run_pipeline(
    rows: Sequence[Row],
    checked: Checked | None,
    law: LawState,
    at: datetime,
    risk: RiskInputs | None = None,
    *,
    hits: Sequence[PartyHit] | None = None,
) -> Processed:
    """Run the pipeline on rows: as they were checked, or on the facts recorded of people who are not at
    hand. risk: what they are selected by now; None: as recorded, or not at all. hits: of `settle_names`."""
    at_ms = int(at.timestamp() * 1000)
    context = replace(context_of(rows), hits=hits)
    if risk is not None:
        context = replace(context, selection=risk.selection, risk_score_ppm=risk.scores_ppm)
    if checked is None:
        checked = recall_permits(rows, recall_rows(rows, law, at), law)
    processed = run_checked(checked, at_ms, law.book, law.lists, context)
    if context.acts is not None:
        for row, is_paid in zip(rows, processed.is_paid_or_secured.tolist(), strict=True):
            row.is_paid_or_secured = is_paid
    return add_case_findings(rows, processed)


def add_case_findings(rows: Sequence[Row], processed: Processed) -> Processed:
    """Put findings of whole cases among those of the pipeline, at the end of each consignment's own."""
    return append_findings(
        [(place, finding) for place, row in enumerate(rows) for finding in row.said_of_case], processed
    )


def append_findings(more: Sequence[tuple[int, Finding]], processed: Processed) -> Processed:
    """Put findings, each with the place of its consignment, at the end of that consignment's own."""
    if not more:
        return processed
    old = processed.findings
    consignment = np.append(old.numbers("consignment"), [place for place, _ in more]).astype(np.int64)
    order = np.argsort(consignment, kind="stable")
    texts: dict[str, list[str | None]] = {
        "code": [one.code for _, one in more],
        "pointer": [one.pointer for _, one in more],
        "severity": [one.severity for _, one in more],
        "word": [next(iter(one.parameters.values()), None) for _, one in more],
        "parameters": [encode_parameters(one.parameters) for _, one in more],
    }
    columns: dict[str, Any] = {
        "consignment": consignment[order],
        "item": np.append(old.numbers("item"), np.full(len(more), -1)).astype(np.int64)[order],
    }
    for name, added in texts.items():
        columns[name] = encode_words(old.words(name).texts() + added).take(order)
    return replace(processed, findings=Frame(len(order), columns))
