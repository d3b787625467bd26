"""The pure pipeline on the rows of a batch: as they were checked, or on the facts recorded of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from serai.journey.assessment.drawing import stand
from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Checked, Context, Processed, recall_documents, run_checked
from serai.journey.recording.decided_batch import absent_or
from serai.journey.recording.payment_status import add_case_findings, invalidate_rows, mark_payment_status
from serai.journey.recording.recorded_facts import fact_columns
from serai.model.frames import WITHDRAWN


def context_of(rows: Sequence[Row]) -> Context:
    """Return what is known of rows beside their documents."""
    is_counted = any(row.cumulative_allowances for row in rows)
    return Context(
        has_order=np.array([row.has_order for row in rows], dtype=np.bool_),
        has_payment=np.array([row.has_payment for row in rows], dtype=np.bool_),
        has_transport_document=np.array([row.has_transport_document for row in rows], dtype=np.bool_),
        is_paid_or_secured=np.array([row.is_paid_or_secured for row in rows], dtype=np.bool_),
        allowance_used=absent_or([row.allowance_used for row in rows]),
        same_day_value=absent_or([row.same_day_value for row in rows]),
        arrived_at=absent_or([row.arrived_at_ms for row in rows]),
        lodged_at=absent_or([row.lodged_at_ms for row in rows]),
        accepted_at=absent_or([row.accepted_at_ms for row in rows]),
        standings=stand([[one.stands for one in row.cumulative_allowances] for row in rows])
        if is_counted
        else {},
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


def run_pipeline(rows: Sequence[Row], checked: Checked | None, law: LawState, at: datetime) -> Processed:
    """Run the pipeline on rows: as they were checked, or on the facts recorded of people who are not at
    hand."""
    at_ms = int(at.timestamp() * 1000)
    context = context_of(rows)
    if checked is None:
        checked = recall_rows(rows, law, at)
    processed = run_checked(checked, at_ms, law.book, law.lists, context)
    if any(row.payment_status is not None for row in rows) and mark_payment_status(rows, processed):
        paid = np.array([row.is_paid_or_secured for row in rows], dtype=np.bool_)
        processed = run_checked(
            checked, at_ms, law.book, law.lists, replace(context, is_paid_or_secured=paid)
        )
    return invalidate_rows(rows, add_case_findings(rows, processed), WITHDRAWN)
