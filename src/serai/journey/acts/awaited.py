"""What is awaited of whoever declared: answers to officers, a word in hearings; and what it may appeal
against."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.appeals import LODGED, OUTCOMES
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.measure_rules.hearing_rules import HEARING_KINDS, OPENED, find_hearing
from serai.journey.processing.transaction import Processor
from serai.model.acts import ACT_KINDS, MEASURES, Act


class Awaited(NamedTuple):
    """Acts that stand in a case. questions: not answered yet; hearings: not decided yet; unread: hearings of
    which nothing proves that they are known; measures: no appeal against them is open. appeals: all of them;
    appealed: numbers of what an appeal is open against."""

    questions: Sequence[Act]
    hearings: Sequence[Act]
    unread: frozenset[int]
    measures: Sequence[Act]
    appeals: Sequence[Act]
    appealed: frozenset[str]


async def find_awaited(processor: Processor, connection: AsyncConnection[Any], case_id: int) -> Awaited:
    """Return what is awaited in a case, oldest first."""
    kinds = [*MEASURES, "information-given", *HEARING_KINDS, LODGED, *OUTCOMES, "reversal"]
    found = await select_standing_acts(
        connection, [case_id], kinds, administration_id=processor.services.administration_id
    )
    acts = [act for _, act in found]

    def named(name: str, *of: str) -> set[str]:
        return {str(one.parameters[name]) for one in acts if one.kind in of and name in one.parameters}

    answered, decided = named("question", "information-given"), named("hearing", *MEASURES, "reversal")
    closed = named("appeal", *OUTCOMES)
    at = processor.services.clock.now()
    appealed = {
        str(one.parameters["against"])
        for one in acts
        if one.kind == LODGED
        and format_id(one.act_id) not in closed
        and (one.due_at is None or at < one.due_at)  # later, the next instance is open
    }

    def left(kinds: Sequence[str], gone: set[str]) -> list[Act]:
        return [one for one in acts if one.kind in kinds and format_id(one.act_id) not in gone]

    hearings = left([OPENED], decided)
    moved = [kind for kind in MEASURES if ACT_KINDS[kind].effects]
    return Awaited(
        left(["information-requested"], answered),
        hearings,
        frozenset(one.act_id for one in hearings if _is_unread(acts, one.act_id)),
        left(moved, appealed),
        [one for one in acts if one.kind == LODGED],
        frozenset(appealed),
    )


def _is_unread(acts: Sequence[Act], hearing_id: int) -> bool:
    """Say whether nothing proves that a hearing is known."""
    hearing = find_hearing(acts, hearing_id)
    return hearing is not None and hearing.notified is None
