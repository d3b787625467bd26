"""Which of some consignments one measure may be taken on together, and what was opened about each before."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.bulk.service import find_other_reasons
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.measure_rules.governing_law import governing_law
from serai.journey.measure_rules.hearing_rules import OPENED
from serai.journey.processing.transaction import Processor
from serai.model.acts import MEASURES

Connection = AsyncConnection[Any]


class Chosen(NamedTuple):
    """Consignments with the same open reason, one a case, in the order in which they were given.
    left_out: those with another reason, and further ones of a case."""

    rows: list[ConsignmentRow]
    left_out: list[ConsignmentRow]


async def choose(
    processor: Processor, connection: Connection, consignment_ids: Sequence[int], rule_id: str
) -> Chosen:
    """Return those of some consignments that have an open reason in common."""
    found = await consignment_store.select_consignments(
        connection, consignment_ids, administration_id=processor.services.administration_id
    )
    by_id = {one.consignment_id: one for one in found}
    rows = [by_id[one] for one in dict.fromkeys(consignment_ids) if one in by_id]
    different = set(await find_other_reasons(connection, rows, rule_id))
    chosen: dict[int, ConsignmentRow] = {}
    left_out = []
    for row in rows:
        if row.case_id in different or row.case_id in chosen:
            left_out.append(row)
        else:
            chosen[row.case_id] = row
    return Chosen(list(chosen.values()), left_out)


class Read(NamedTuple):
    """What stands of lines now. rows: consignments whose decision is the one that was read. changed: cases of
    which another stands. references: of both, by case."""

    rows: list[ConsignmentRow]
    changed: list[int]
    references: dict[int, str]


async def read_chosen(processor: Processor, connection: Connection, lines: Sequence[tuple[int, int]]) -> Read:
    """Return what stands of lines: case, and decision that was read."""
    found = await consignment_store.select_consignments_of_cases(
        connection,
        [case_id for case_id, _ in lines],
        administration_id=processor.services.administration_id,
    )
    standing = {one.decision_id: one for one in found}
    return Read(
        [standing[decision_id] for _, decision_id in lines if decision_id in standing],
        [case_id for case_id, decision_id in lines if decision_id not in standing],
        {one.case_id: one.reference for one in found}
        | {case_id: standing[read].reference for case_id, read in lines if read in standing},
    )


async def open_hearings(
    processor: Processor, connection: Connection, rows: Sequence[ConsignmentRow], kind: str
) -> dict[int, list[str]]:
    """Return by case the numbers of its hearings about a measure that nobody has decided after yet."""
    standing = await select_standing_acts(
        connection,
        [one.case_id for one in rows],
        [OPENED, *MEASURES, "reversal"],
        administration_id=processor.services.administration_id,
    )
    decided = {act.parameters.get("hearing") for _, act in standing}
    found: dict[int, list[str]] = {}
    for root, act in standing:
        number = format_id(act.act_id)
        if act.kind == OPENED and act.parameters["intended"] == kind and number not in decided:
            found.setdefault(root, []).append(number)
    return found


async def exceptions_of(
    processor: Processor, connection: Connection, rows: Sequence[ConsignmentRow]
) -> list[str]:
    """Return the codes of exceptions by which an adverse measure needs no hearing, where the goods of the
    first of some consignments are declared."""
    if not rows:
        return []
    return list((await governing_law(processor, connection, rows[0])).law.hearing.exceptions)
