"""A risk rule tried on stored cases: how many it would have hit, in which lanes they were, what examinations
found.

Cases are read as a what-if reads them: messages without people, the facts recorded of these, the law each was
decided by. Nothing is changed; each message that is opened stands in the vault's ledger.
"""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation.ids import first_id_at
from serai.foundation.vault.reading import Reach
from serai.journey.assessment.rules import Batch
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.rows import Row
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.law_in_force.recorded import KeptLaw
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import find_risk_hits, screen_checked
from serai.journey.processing.redetermine import newest_decisions
from serai.journey.recording.read_back import read_messages, row_to_redetermine
from serai.journey.recording.run import context_of, recall_rows
from serai.journey.selection.compiled import check_risk, file_hash_of
from serai.journey.selection.fairness import CONFORMS
from serai.journey.selection.risk_file import RiskFile, RiskRule, empty_file
from serai.journey.selection.store import select_outcomes
from serai.journey.services import Services
from serai.model.columns import Flags
from serai.model.frames import LANES, WITHDRAWN

PURPOSE: Final = "risk-trial"
DAYS_MAX: Final = 366
PAGE_COUNT: Final = 2_000
CASES_MAX: Final = 20_000
"""So many of the newest days' cases are read at most: a trial answers while somebody waits."""
_EXAMPLES_MAX: Final = 20
Connection = AsyncConnection[Any]


class RiskTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have done. hits_by_lane: by the lane each was in. known_count: hits whose
    examination is recorded; found_count: of these, that found something; missed_count: examinations that
    found something in cases it does not hit. per_day: hits by day, for the budget. is_whole: all cases of
    the days were read. erased_count: messages that are gone. parts_count: what the rule costs, in parts
    computed for each parcel."""

    from_at: dt.datetime
    until: dt.datetime
    cases_count: int
    erased_count: int
    hits_count: int
    hits_by_lane: dict[str, int]
    known_count: int
    found_count: int
    missed_count: int
    per_day: dict[str, int]
    examples: list[str]
    parts_count: int
    is_whole: bool
    selects_everything: bool


@dataclass(slots=True)
class _Sums:
    cases: int = 0
    erased: int = 0
    lanes: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    known: int = 0
    found: int = 0
    missed: int = 0
    examples: list[str] = field(default_factory=list)


async def try_rule(
    services: Services, law: LawState, rule: RiskRule, *, days_count: int, reach: Reach
) -> RiskTrial:
    """Try a rule on the cases of the last days. days_count: 1 to DAYS_MAX.

    Raises SeraiError `risk-rule-faulty`, `risk-rule-too-costly`.
    """
    file = msgspec.structs.replace(empty_file(), rules=[rule])
    parts_count = await asyncio.to_thread(check_risk, law.book.programs, file)
    at = reach.at
    from_at = at - dt.timedelta(days=days_count)
    sums, kept = _Sums(), KeptLaw()
    after_id, is_whole = first_id_at(from_at) - 1, True
    while sums.cases < CASES_MAX:
        async with services.database.read(services.administration_id) as connection:
            rows = await consignment_store.select_consignments_after(
                connection, after_id, administration_id=services.administration_id, limit=PAGE_COUNT
            )
            if not rows:
                break
            after_id = rows[-1].consignment_id
            await _try_page(services, connection, rows, reach, file=file, kept=kept, sums=sums)
    else:
        is_whole = False
    hits = sum(sums.lanes.values())
    return RiskTrial(
        from_at=from_at,
        until=at,
        cases_count=sums.cases,
        erased_count=sums.erased,
        hits_count=hits,
        hits_by_lane=dict(sorted(sums.lanes.items(), key=lambda one: LANES.index(one[0]))),
        known_count=sums.known,
        found_count=sums.found,
        missed_count=sums.missed,
        per_day=dict(sorted(sums.days.items())),
        examples=sums.examples,
        parts_count=parts_count,
        is_whole=is_whole,
        selects_everything=sums.cases > 0 and hits == sums.cases,
    )


async def _try_page(
    services: Services,
    connection: Connection,
    consignments: Sequence[ConsignmentRow],
    reach: Reach,
    *,
    file: RiskFile,
    kept: KeptLaw,
    sums: _Sums,
) -> None:
    standing = [one for one in consignments if one.status != WITHDRAWN]
    decisions = await newest_decisions(services, connection, standing)
    messages = await read_messages(services, [one.document_id for one in standing], reach)
    outcomes = await select_outcomes(
        connection,
        sorted({one.case_id for one in standing}),
        administration_id=services.administration_id,
    )
    by_basis: dict[int, list[tuple[Row, int, str]]] = {}
    for one in standing:
        decision, message = decisions[one.consignment_id], messages.get(one.document_id)
        if message is None:
            sums.erased += 1
            continue
        row = row_to_redetermine(one, message[0], decision, one.decision_id)
        day = decision.decided_at.astimezone(dt.UTC).date().isoformat()
        by_basis.setdefault(decision.basis_id, []).append((row, decision.lane, day))
    for basis_id, own in by_basis.items():
        _, law = await kept.find(connection, basis_id)
        rows = [row for row, _, _ in own]
        hits = await asyncio.to_thread(_hits, rows, law, file)
        for (row, lane, day), is_hit in zip(own, hits.tolist(), strict=True):
            _count(sums, row, LANES[lane], day, outcomes.get(row.consignment_id), is_hit=is_hit)


def _hits(rows: Sequence[Row], law: LawState, file: RiskFile) -> Flags:
    """Ask the rule about rows under the law each was decided by."""
    at = dt.datetime.fromtimestamp((rows[0].lodged_at_ms or 0) / 1000, dt.UTC)
    checked = recall_rows(rows, law, at)
    columns, screened = screen_checked(checked, law.lists, context_of(rows))
    numbers, days = law.book.choose(screened.consignments)
    batch = Batch(
        screened.consignments,
        screened.items,
        columns.items.numbers("owner"),
        columns.first_items,
        numbers,
        days,
    )
    hits = find_risk_hits(batch, law.book, file, file_hash_of(file)).flags
    any_of: Flags = np.logical_or.reduce(hits, axis=0)
    return any_of


def _count(sums: _Sums, row: Row, lane: str, day: str, result_code: str | None, *, is_hit: bool) -> None:
    sums.cases += 1
    is_found = result_code is not None and result_code != CONFORMS
    if not is_hit:
        sums.missed += is_found
        return
    sums.lanes[lane] += 1
    sums.days[day] += 1
    sums.known += result_code is not None
    sums.found += is_found
    if len(sums.examples) < _EXAMPLES_MAX and row.previous is not None:
        sums.examples.append(row.previous.mrn)
