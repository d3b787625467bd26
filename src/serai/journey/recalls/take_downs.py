"""What platforms are asked to take down, until when, and what they have answered."""

import datetime as dt
from typing import Final, Literal

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.recall_rules.rules import RecallRule
from serai.journey.recalls import store
from serai.journey.recalls.service import find_recall
from serai.journey.recalls.store import TakeDownRow
from serai.journey.services import Services
from serai.model.errors import SeraiError

Answer = Literal["removed", "warning-shown", "not-offered", "disputed"]
"""Offers were removed or blocked; they bear a warning; there are none; the platform holds that they are
others."""
TakeDownState = Literal["open", "overdue", "answered", "withdrawn"]
COUNT_MAX: Final = 1_000
_RULE = msgspec.json.Decoder(RecallRule)


class TakeDown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That a platform is asked to take offers of recalled goods down. rule: which goods, by numbers,
    batches, model and name. party_id, party_name: of the platform. due_at: until when it answers. answer:
    what it has answered."""

    recall_id: str
    party_id: str
    party_name: str
    reference: str
    reason_code: str
    rule: RecallRule
    state: TakeDownState
    told_at: dt.datetime
    due_at: dt.datetime
    ground_code: str | None = None
    answer: Answer | None = None
    answered_at: dt.datetime | None = None


async def read_take_downs(
    services: Services, sender: Sender, *, recall_id: int | None = None
) -> list[TakeDown]:
    """Return what platforms are asked, the newest first: a platform sees its own, an agency those for its
    recalls, officers all. recall_id: for one recall, of whoever sees that. Raises SeraiError `not-found`."""
    is_officer, is_platform = "officer" in sender.roles, "platform" in sender.roles
    async with services.database.read(services.administration_id) as connection:
        if recall_id is not None:
            await find_recall(services, connection, sender, recall_id)
            is_platform = False
        rows = await store.select_take_downs(
            connection,
            administration_id=services.administration_id,
            party_id=sender.party_id if is_platform and not is_officer else None,
            by_party_id=None if is_officer or is_platform else sender.party_id,
            recall_id=recall_id,
            limit=COUNT_MAX,
        )
    at = services.clock.now()
    return [_told(row, at) for row in rows]


async def answer_take_down(services: Services, sender: Sender, recall_id: int, *, answer: Answer) -> TakeDown:
    """Keep what a platform answers; the same again is harmless. Raises SeraiError `not-found`,
    `take-down-answered`."""
    key = {"administration_id": services.administration_id}
    at = services.clock.now()
    async with services.database.write() as connection:
        values = {
            "recall_id": recall_id,
            "party_id": sender.party_id,
            "at": at,
            "answer": answer,
            "acting_user": sender.acting_user,
            **key,
        }
        await store.answer_take_down(connection, values)
        rows = await store.select_take_downs(
            connection, party_id=sender.party_id, by_party_id=None, recall_id=recall_id, limit=1, **key
        )
        if not rows:
            raise not_found()
        if rows[0].answer != answer:
            raise SeraiError(
                "take-down-answered",
                "This was answered before, and otherwise.",
                "Write to the authority whose recall it is, if the answer is to be corrected.",
            )
    return _told(rows[0], at)


def _told(row: TakeDownRow, at: dt.datetime) -> TakeDown:
    state: TakeDownState = "open" if at < row.due_at else "overdue"
    if row.answered_at is not None:
        state = "answered"
    if row.withdrawn_at is not None:
        state = "withdrawn"
    return TakeDown(
        recall_id=format_id(row.recall_id),
        party_id=format_id(row.party_id),
        party_name=row.party_name,
        reference=row.reference,
        reason_code=row.reason_code,
        rule=_RULE.decode(row.rule),
        state=state,
        told_at=row.told_at,
        due_at=row.due_at,
        ground_code=row.ground_code,
        answer=None if row.answer is None else msgspec.convert(row.answer, Answer),
        answered_at=row.answered_at,
    )
