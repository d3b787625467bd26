"""What is due at the border against what was paid, put on account or secured; findings of a whole case."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.journey.clearance.rows import Row, Settled
from serai.journey.pipeline import Cleared
from serai.journey.settle import store as settle_store
from serai.model.columns import Frame, encode_words
from serai.model.findings import Finding, encode_parameters

Connection = AsyncConnection[Any]


async def read_settled(connection: Connection, rows: Sequence[Row], *, administration_id: int) -> None:
    """Give each row what its case has settled, and what other consignments of the case owe beside it."""
    case_ids = sorted({row.case_id for row in rows})
    marks = await settle_store.select_marks(connection, case_ids, administration_id=administration_id)
    if not marks:
        return
    here = {row.consignment_id for row in rows}
    elsewhere: dict[int, Counter[str]] = {case_id: Counter() for case_id in marks}
    for due in await settle_store.select_border_dues(
        connection, list(marks), administration_id=administration_id
    ):
        if due.consignment_id not in here:
            elsewhere[due.case_id][due.currency_code] += due.amount_minor
    for row in rows:
        if row.case_id in marks:
            row.settled = Settled(marks[row.case_id], dict(elsewhere[row.case_id]))


def mark_settled(rows: Sequence[Row], cleared: Cleared) -> bool:
    """Set is_paid_or_secured as the charges just worked out ask; say whether any flag has changed.

    A case is settled when its marks cover, in each currency, what all its consignments owe at the border.
    """
    dues: dict[int, Counter[str]] = {}
    for row in rows:
        if row.settled is not None:
            dues.setdefault(row.case_id, Counter(row.settled.elsewhere))
    for row, owed in zip(rows, border_dues(cleared), strict=True):
        if row.settled is not None:
            dues[row.case_id].update(owed)
    has_changed = False
    for row in rows:
        if row.settled is None:
            continue
        is_settled = all(
            row.settled.marks.get(currency, 0) >= due for currency, due in dues[row.case_id].items()
        )
        has_changed |= is_settled != row.is_paid_or_secured
        row.is_paid_or_secured = is_settled
    return has_changed


def border_dues(cleared: Cleared) -> list[Counter[str]]:
    """Return for each consignment what it owes at the border, by currency, minor units."""
    charges = cleared.charges
    owed: list[Counter[str]] = [Counter() for _ in range(cleared.consignments.row_count)]
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


def add_case_findings(rows: Sequence[Row], cleared: Cleared) -> Cleared:
    """Put findings of whole cases among those of the pipeline, at the end of each consignment's own."""
    return append_findings(
        [(place, finding) for place, row in enumerate(rows) for finding in row.said_of_case], cleared
    )


def append_findings(more: Sequence[tuple[int, Finding]], cleared: Cleared) -> Cleared:
    """Put findings, each with the place of its consignment, at the end of that consignment's own."""
    if not more:
        return cleared
    old = cleared.findings
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
    return replace(cleared, findings=Frame(len(order), columns))


def withdraw_rows(rows: Sequence[Row], cleared: Cleared, withdrawn_number: int) -> Cleared:
    """Let withdrawn consignments owe nothing and stand as withdrawn; lane and reasons stay as they were."""
    is_withdrawn = np.array([row.is_withdrawn for row in rows], dtype=np.bool_)
    if not is_withdrawn.any():
        return cleared
    frame = cleared.consignments
    status = np.where(is_withdrawn, withdrawn_number, frame.numbers("status_number"))
    kept = np.flatnonzero(~is_withdrawn[cleared.charges.numbers("consignment")])
    return replace(
        cleared,
        consignments=Frame(frame.row_count, {**frame.columns, "status_number": status}),
        charges=cleared.charges.take(kept),
    )
