"""Who was told of acts that begin a period or keep goods, when, by which way, and what proves it."""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.notification import store
from serai.journey.acts.notification.telling import TOLD_AT_ONCE
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.mailing import store as mail_store
from serai.journey.mailing.states import State
from serai.journey.measure_rules.hearing_rules import OPENED


class MailSeen(msgspec.Struct, frozen=True):
    """An e-mail about an act. To whom it went is not kept."""

    state: State
    at: datetime


class ToldSeen(msgspec.Struct, frozen=True):
    """That a party was told of an act. kind: of the act. at: when the event was in its feed. mails: those to
    its people. proven_by: `email`, `webhook`, `page`, `answer`, `message`, `receipt`; None: nothing yet.
    is_overdue: proof is not awaited any more, somebody tells it in another way."""

    act_id: str
    kind: str
    party_name: str
    at: datetime
    mails: list[MailSeen]
    proven_at: datetime | None
    proven_by: str | None
    is_overdue: bool


async def read_told(
    connection: AsyncConnection[Any], case_id: int, *, administration_id: int, at: datetime
) -> list[ToldSeen]:
    """Return who was told of the acts that stand in a case, what nothing proves first, else the newest
    first."""
    key = {"administration_id": administration_id}
    standing = await select_standing_acts(connection, [case_id], [OPENED, *sorted(TOLD_AT_ONCE)], **key)
    acts = {act.act_id: act for _, act in standing}
    if not acts:
        return []
    mails = await mail_store.select_notices_of_acts(connection, list(acts), **key)
    found = [
        ToldSeen(
            format_id(one.act_id),
            acts[one.act_id].kind,
            one.party_name,
            one.told_at,
            [
                MailSeen(mail.delivery.state, mail.delivery.state_at)
                for mail in mails
                if (mail.act_id, mail.party_id) == (one.act_id, one.party_id)
            ],
            one.proven_at,
            one.proven_by,
            one.proven_at is None and one.due_at <= at,
        )
        for one in await store.select_of_acts(connection, list(acts), **key)
    ]
    return sorted(found, key=lambda one: (not one.is_overdue, -one.at.timestamp()))
