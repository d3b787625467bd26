"""What is due at the border against what was paid, put on account or secured; findings of a whole case."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.journey.consignments.rows import PaymentStatus, Row
from serai.journey.pipeline import Processed
from serai.journey.revenue import store as revenue_store
from serai.model.columns import Frame, encode_words
from serai.model.findings import Finding, encode_parameters

Connection = AsyncConnection[Any]


async def read_payment_status(connection: Connection, rows: Sequence[Row], *, administration_id: int) -> None:
    """Give each row what its case has settled, and what other consignments of the case owe beside it."""
    case_ids = sorted({row.case_id for row in rows})
    marks = await revenue_store.select_marks(connection, case_ids, administration_id=administration_id)
    if not marks:
        return
    here = {row.consignment_id for row in rows}
    elsewhere: dict[int, Counter[str]] = {case_id: Counter() for case_id in marks}
    for due in await revenue_store.select_border_dues(
        connection, list(marks), administration_id=administration_id
    ):
        if due.consignment_id not in here:
            elsewhere[due.case_id][due.currency_code] += due.amount_minor
    for row in rows:
        if row.case_id in marks:
            row.payment_status = PaymentStatus(marks[row.case_id], dict(elsewhere[row.case_id]))


def mark_payment_status(rows: Sequence[Row], processed: Processed) -> bool:
    """Set is_paid_or_secured as the charges just worked out ask; say whether any flag has changed.

    A case is settled when its marks cover, in each currency, what all its consignments owe at the border.
    """
    dues: dict[int, Counter[str]] = {}
    for row in rows:
        if row.payment_status is not None:
            dues.setdefault(row.case_id, Counter(row.payment_status.elsewhere))
    for row, owed in zip(rows, border_dues(processed), strict=True):
        if row.payment_status is not None:
            dues[row.case_id].update(owed)
    has_changed = False
    for row in rows:
        if row.payment_status is None:
            continue
        is_settled = all(
            row.payment_status.marks.get(currency, 0) >= due for currency, due in dues[row.case_id].items()
        )
        has_changed |= is_settled != row.is_paid_or_secured
        row.is_paid_or_secured = is_settled
    return has_changed


def border_dues(processed: Processed) -> list[Counter[str]]:
    """Return for each consignment what it owes at the border, by currency, minor units."""
    charges = processed.charges
    owed: list[Counter[str]] = [Counter() for _ in range(processed.consignments.row_count)]
    for consignment, due, kind, is_waived, currency, amount in zip(
        charges.numbers("consignment").tolist(),
        charges.words("due_code").texts(),
        charges.words("kind_code").texts(),
        charges.flags("is_waived").tolist(),
        charges.words("currency_code").texts(),
        charges.numbers("amount_minor").tolist(),
        strict=True,
    ):
        if due == "border" and kind != "claim" and not is_waived and currency is not None:
            owed[consignment][currency] += amount
    return owed


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


def invalidate_rows(rows: Sequence[Row], processed: Processed, withdrawn_number: int) -> Processed:
    """Let withdrawn consignments owe nothing and stand as withdrawn; lane and reasons stay as they were."""
    is_withdrawn = np.array([row.is_withdrawn for row in rows], dtype=np.bool_)
    if not is_withdrawn.any():
        return processed
    frame = processed.consignments
    status = np.where(is_withdrawn, withdrawn_number, frame.numbers("status_number"))
    kept = np.flatnonzero(~is_withdrawn[processed.charges.numbers("consignment")])
    return replace(
        processed,
        consignments=Frame(frame.row_count, {**frame.columns, "status_number": status}),
        charges=processed.charges.take(kept),
    )
