"""What the citations of a batch come to: tokens are taken as proof, each once, in the batch's transaction."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.rows import Row
from serai.journey.pipeline import Checked
from serai.journey.processing.citations.finding import Citation, Citations
from serai.journey.services import Services
from serai.journey.tax_paid.checking import Reason
from serai.journey.tax_paid.citing import store
from serai.journey.tax_paid.citing.outcomes import (
    MISSING,
    OF_ITS_OWN_USE,
    PROVEN,
    REFUSED,
    UNCHECKED,
    WITHOUT,
    WITHOUT_TOKEN,
    gravest,
    status_of,
)
from serai.journey.tax_paid.citing.store import CitationRow, Claim
from serai.journey.tax_paid.declared import declared_of
from serai.journey.tax_paid.trust.book import Trust
from serai.model.columns import Coded, Frame, encode_words

Connection = AsyncConnection[Any]
EVENT = "scheme-citation-refused"


class _Settled(NamedTuple):
    """What a citation came to. status: how its number stands then; None: as its register says."""

    outcome: str
    reason: str = ""
    status: str | None = None


async def settle_citations(
    services: Services,
    connection: Connection,
    trust: Trust,
    rows: Sequence[Row],
    citations: Citations,
    *,
    at: dt.datetime,
) -> dict[int, str]:
    """Take the tokens of rows as proof, record what each citation came to, and tell the holders of numbers.

    Returns by place how a scheme number stands that is not proven: it is not treated as paid.
    """
    if not citations:
        return {}
    cited = [(row, citations[row.place]) for row in rows if row.place is not None and row.place in citations]
    settled = await _settle(services, connection, trust, cited, at)
    await store.write_citations(
        connection,
        [
            CitationRow(
                row.consignment_id, one.scheme.scheme_id, row.sender.party_id, its.outcome, its.reason
            )
            for (row, one), its in zip(cited, settled, strict=True)
            if one.scheme is not None and one.is_valid
        ],
        at=at,
        administration_id=services.administration_id,
    )
    await tell_holders(
        services,
        connection,
        [
            (one.scheme.party_id, row.case_id)
            for (row, one), its in zip(cited, settled, strict=True)
            if one.scheme is not None and one.is_valid and its.outcome in (MISSING, REFUSED)
        ],
        at,
    )
    return {
        row.place: its.status
        for (row, one), its in zip(cited, settled, strict=True)
        if row.place is not None and its.status is not None and one.is_valid
    }


async def _settle(
    services: Services,
    connection: Connection,
    trust: Trust,
    cited: Sequence[tuple[Row, Citation]],
    at: dt.datetime,
) -> list[_Settled]:
    key = {"administration_id": services.administration_id}
    claims = [
        Claim(one.verdict.claims.use_key, row.consignment_id, one.token)
        for row, one in cited
        if one.is_valid and one.token is not None and one.verdict is not None
        if one.verdict.is_valid and one.verdict.claims is not None
    ]
    won = await store.claim_uses(connection, sorted(claims), at=at, **key)
    amended = [row.consignment_id for row, _ in cited if row.previous is not None]
    used = await store.select_uses(connection, amended, **key) if amended else {}
    return [
        _judge(row, one, trust, at, used=used.get(row.consignment_id), has_won=row.consignment_id in won)
        for row, one in cited
    ]


def _judge(
    row: Row, one: Citation, trust: Trust, at: dt.datetime, *, used: str | None, has_won: bool
) -> _Settled:
    """Say what a citation came to. used: the token that its declaration used before it was amended."""
    reasons: Sequence[Reason] = one.verdict.reasons if one.verdict is not None else ()
    if has_won:
        return _Settled(PROVEN)
    if used is not None and one.token in (None, used):
        verdict = trust.checker.check(used, at, declared_of(row.document), trust.tolerance)
        reasons = [reason for reason in verdict.reasons if reason not in OF_ITS_OWN_USE]
        return _refused(reasons) if reasons else _Settled(PROVEN)
    if one.verdict is None:
        return _Settled(MISSING, status=WITHOUT_TOKEN) if one.asks_token else _Settled(WITHOUT)
    if not one.asks_token and reasons and UNCHECKED.issuperset(reasons):
        # It may be good: nobody here can say so, and the holder asks for none.
        return _Settled(WITHOUT, gravest(reasons))
    return _refused(reasons or ("used",))


def _refused(reasons: Sequence[Reason]) -> _Settled:
    return _Settled(REFUSED, gravest(reasons), status_of(reasons))


async def tell_holders(
    services: Services,
    connection: Connection,
    refused: Sequence[tuple[int, int]],
    at: dt.datetime,
    *,
    kind: str = EVENT,
) -> None:
    """Append an event to the feeds of holders, for each citation of theirs that was refused: holder, case.
    kind: of the event."""
    if not refused:
        return
    holders, cases = (np.array(column, dtype=np.int64) for column in zip(*refused, strict=True))
    await consignment_store.insert_events(
        connection,
        administration_id=services.administration_id,
        event_ids=services.ids.take(len(refused)),
        party_ids=holders,
        case_ids=cases,
        kind=kind,
        decision_ids=np.zeros(len(refused), dtype=np.int64),
        at_ms=int(at.timestamp() * 1000),
    )


def with_statuses(checked: Checked, statuses: Mapping[int, str], places: Sequence[int]) -> Checked:
    """Put how scheme numbers stand in the place of what their register says. places: of the checked rows."""
    if not statuses:
        return checked
    changed = [(row, statuses[place]) for row, place in enumerate(places) if place in statuses]
    frame = checked.columns.consignments
    standing = frame.words("scheme_status_code").texts()
    for row, status in changed:
        standing[row] = status
    column: Coded = encode_words(standing)
    consignments = Frame(frame.row_count, {**frame.columns, "scheme_status_code": column})
    return replace(checked, columns=replace(checked.columns, consignments=consignments))
