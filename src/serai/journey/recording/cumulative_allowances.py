"""Cumulative allowances of a batch: which its laws count it on, how they stand, and what its decisions add.

All that a batch counts on is read and held in one statement, in one order everywhere, after the cases: two
parcels of one buyer on two processes take turns. A batch under whose laws nothing is counted asks nothing.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation.copying import Target
from serai.journey.allowances import store as cumulative_allowance_store
from serai.journey.allowances.store import CumulativeAllowanceKey, Draw
from serai.journey.assessment.drawing import CountedRow, find_counted, read_drawn
from serai.journey.consignments.rows import Row, RowCumulativeAllowance
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Checked, Processed
from serai.journey.recording.beneficiaries import People, hash_beneficiaries, name_holder
from serai.journey.recording.decided_batch import absent_or
from serai.journey.services import Services
from serai.journey.validation.columns import KnownMoments, set_moments
from serai.law.counting import COUNTED_WORDS, CountedWord
from serai.law.tariff import day_of
from serai.model.frames import ABSENT

Connection = AsyncConnection[Any]


async def hold_cumulative_allowances(
    services: Services, connection: Connection, rows: Sequence[Row], checked: Checked, law: LawState
) -> None:
    """Give each row the cumulative allowances its law counts it on, as they stand, and hold them to the end.

    checked: of the rows, same order. A row whose people are not at hand is counted for whom it was counted
    before. Without a holder it has no cumulative_allowance: what the law asks is then unknown.
    """
    known = [row for row in rows if row.was_counted]
    if not known and not law.book.may_count(checked.columns.consignments).any():
        return
    for row in rows:
        row.cumulative_allowances = row.draws_before = row.draws = ()
        row.allowance_used = row.same_day_value = None
    await _read_draws(services, connection, known)
    counted = _find_counted(rows, checked, law)
    keys = _name_keys(services, rows, checked, counted)
    held = {*keys.values(), *(draw.key for row in known for draw in row.draws_before)}
    if not held:
        return
    balances = await cumulative_allowance_store.hold_cumulative_allowances(
        connection, sorted(held), administration_id=services.administration_id
    )
    for one in counted:
        key = keys.get((one.row, one.counted.word))
        if key is not None:
            row = rows[one.row]
            row.cumulative_allowances = (*row.cumulative_allowances, _stands(row, one, key, balances[key]))


def _find_counted(rows: Sequence[Row], checked: Checked, law: LawState) -> list[CountedRow]:
    known = KnownMoments(
        absent_or([row.lodged_at_ms for row in rows]),
        absent_or([row.arrived_at_ms for row in rows]),
        absent_or([row.accepted_at_ms for row in rows]),
    )
    return find_counted(set_moments(checked.columns, known).consignments, law.book)


async def _read_draws(services: Services, connection: Connection, rows: Sequence[Row]) -> None:
    """Give rows that were counted before what the decision that stands has drawn."""
    if not rows:
        return
    known = {row.consignment_id: row for row in rows}
    for draw in await cumulative_allowance_store.select_draws(
        connection,
        list(known),
        [row.previous.decision_id for row in rows if row.previous is not None],
        administration_id=services.administration_id,
    ):
        row = known[draw.consignment_id]
        row.draws_before = (*row.draws_before, draw)


def _name_keys(
    services: Services, rows: Sequence[Row], checked: Checked, counted: Sequence[CountedRow]
) -> dict[tuple[int, CountedWord], CumulativeAllowanceKey]:
    """Return the cumulative allowance of each row and word: of the people at hand, or of whom it was counted
    for before."""
    keys: dict[tuple[int, CountedWord], CumulativeAllowanceKey] = {}
    fresh: list[tuple[CountedRow, bytes]] = []
    people = People(np.unique([one.row for one in counted]), checked.people)
    for one in counted:
        if checked.facts is None:
            name = name_holder(one.counted.holder, one.row, rows[one.row].declaration, people)
            if name is not None:
                fresh.append((one, name))
        else:
            before = _draw_before(rows[one.row], one)
            if before is not None:
                keys[one.row, one.counted.word] = _key(one, before.key.holder)
    hashes = hash_beneficiaries(
        services.pseudonymiser, [(one.counted.word == "allowance_used", name) for one, name in fresh]
    )
    for (one, _), holder in zip(fresh, hashes, strict=True):
        keys[one.row, one.counted.word] = _key(one, holder)
    return keys


def _draw_before(row: Row, one: CountedRow) -> Draw | None:
    """Return what a row drew on the same cumulative allowance, or on one of the same holder by another
    law."""
    word = COUNTED_WORDS.index(one.counted.word)
    its = [draw for draw in row.draws_before if draw.word == word]
    same = [draw for draw in its if draw.key.cumulative_allowance == one.counted.cumulative_allowance]
    if same:
        return same[0]
    # An allowance is the buyer's, whichever law says it; parties in common differ from law to law.
    return its[0] if its and one.counted.word == "allowance_used" else None


def _key(one: CountedRow, holder: bytes) -> CumulativeAllowanceKey:
    return CumulativeAllowanceKey(one.counted.cumulative_allowance, holder, day_of(one.period_on))


def _stands(row: Row, one: CountedRow, key: CumulativeAllowanceKey, balance: int) -> RowCumulativeAllowance:
    draw = next((draw for draw in row.draws_before if draw.key == key), None)
    # What is decided again keeps its place before later ones; an amendment is drawn anew, after them.
    keeps_place = draw is not None and row.facts is not None
    return RowCumulativeAllowance(
        one.counted,
        key,
        balance,
        0 if draw is None else draw.drawn_amount,
        draw.before_amount if draw is not None and keeps_place else None,
    )


# ---- what decisions add ----


def note_draws(rows: Sequence[Row], processed: Processed) -> None:
    """Give each row what its decision found on its cumulative allowances and adds to them."""
    if not any(row.cumulative_allowances for row in rows):
        return
    drawn = {word: amounts.tolist() for word, amounts in read_drawn(processed.runs, len(rows)).items()}
    used = {word: processed.consignments.numbers(word).tolist() for word in drawn}
    for place, row in enumerate(rows):
        row.draws = (
            [
                Draw(
                    row.consignment_id,
                    row.decision_id,
                    COUNTED_WORDS.index(one.counted.word),
                    one.key,
                    used[one.counted.word][place],
                    _amount(row, one, drawn[one.counted.word][place]),
                )
                for one in row.cumulative_allowances
            ]
            if row.cumulative_allowances
            else ()
        )


def _amount(row: Row, cumulative_allowance: RowCumulativeAllowance, drawn: int) -> int:
    """Return what a row adds. What its law does not know it adds when it is known."""
    if row.is_withdrawn:
        return 0 if cumulative_allowance.counted.is_given_back else cumulative_allowance.own
    return 0 if drawn == ABSENT else drawn


def draws_differ(row: Row) -> bool:
    """Say whether a row adds other than the decision that stands has added."""
    before = {(draw.key, draw.drawn_amount) for draw in row.draws_before}
    return before != {(draw.key, draw.drawn_amount) for draw in row.draws}


async def write_draws(target: Target, rows: Sequence[Row], administration_id: int) -> None:
    """Record what decisions add, take back what those that they replace had added, and bring the cumulative
    allowances up to date."""
    counted = [row for row in rows if row.draws or row.draws_before]
    if not counted:
        return
    draws = [draw for row in counted for draw in row.draws]
    reversals = [_reverse(draw, row.decision_id) for row in counted for draw in row.draws_before]
    await cumulative_allowance_store.insert_draws(
        target, [*reversals, *draws], administration_id=administration_id
    )
    added: Counter[CumulativeAllowanceKey] = Counter()
    for draw in (*reversals, *draws):
        added[draw.key] += draw.drawn_amount
    changed = {key: amount for key, amount in sorted(added.items()) if amount}
    if changed:
        await cumulative_allowance_store.add_to_cumulative_allowances(
            target, changed, administration_id=administration_id
        )


def _reverse(draw: Draw, decision_id: int) -> Draw:
    return msgspec.structs.replace(
        draw, decision_id=decision_id, drawn_amount=-draw.drawn_amount, is_reversal=True
    )


def reopened_keys(rows: Sequence[Row]) -> list[CumulativeAllowanceKey]:
    """Return the cumulative allowances on which earlier consignments see what these rows add or take back."""
    keys: set[CumulativeAllowanceKey] = set()
    for row in (row for row in rows if row.cumulative_allowances):
        before = {draw.key: draw.drawn_amount for draw in row.draws_before}
        now = {draw.key: draw.drawn_amount for draw in row.draws}
        keys.update(
            one.key
            for one in row.cumulative_allowances
            if one.counted.reopens_earlier and now.get(one.key, 0) != before.get(one.key, 0)
        )
    return sorted(keys)
