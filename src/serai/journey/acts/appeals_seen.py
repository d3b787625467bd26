"""The appeals of a case as either side sees them: what each is against, what was said, until when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.appeals import APPEAL_KINDS, LODGED, OUTCOMES, STATED, SUSPENDED
from serai.journey.consignments.act_records import select_acts_with_end, select_standing_acts
from serai.journey.processing.transaction import Processor
from serai.model.acts import MEASURES, Act


class AppealSeen(NamedTuple):
    """An appeal that stands in a case. against: the measure; None: a decision that no officer made.
    statements: of both sides, oldest first. suspensions: of its effect. outcome: None: it is not decided."""

    lodged: Act
    against: Act | None
    statements: Sequence[Act]
    suspensions: Sequence[Act]
    outcome: Act | None

    @property
    def instance(self) -> int:
        """1, or 2 and so on, where an earlier one was dismissed or not decided in time."""
        return int(self.lodged.parameters.get("instance", 1))

    @property
    def is_officers_view_stated(self) -> bool:
        """Whether the administration has stated its view."""
        return any(one.parameters.get("by_officer", False) for one in self.statements)

    def opens_next_instance(self, at: datetime) -> bool:
        """Say whether another appeal about the same would be the next instance."""
        if self.outcome is not None:
            return self.outcome.kind == "appeal-dismissed"
        return self.lodged.due_at is not None and at >= self.lodged.due_at


async def find_appeals(
    processor: Processor, connection: AsyncConnection[Any], case_id: int
) -> list[AppealSeen]:
    """Return the appeals of a case, oldest first. The measure that one is against is there, too, where it was
    taken back since, as when the appeal was allowed."""
    key = {"administration_id": processor.services.administration_id}
    found = await select_standing_acts(connection, [case_id], [*MEASURES, *APPEAL_KINDS], **key)
    acts = [act for _, act in found]
    measured = [act for act, _ in await select_acts_with_end(connection, [case_id], MEASURES, **key)]
    measures = {format_id(one.act_id): one for one in (*measured, *acts) if one.kind in MEASURES}

    def of(lodged: Act, *kinds: str) -> list[Act]:
        name = format_id(lodged.act_id)
        return [one for one in acts if one.kind in kinds and one.parameters.get("appeal") == name]

    return [
        AppealSeen(
            one,
            measures.get(str(one.parameters.get("against"))),
            of(one, STATED),
            of(one, SUSPENDED),
            next(iter(of(one, *OUTCOMES)), None),
        )
        for one in acts
        if one.kind == LODGED
    ]
