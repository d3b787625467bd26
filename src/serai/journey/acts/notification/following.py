"""What became of having told: proof begins periods, a message that came back undoes its proof, and what
nothing proves stands on top of the officers' queue."""

from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from psycopg import AsyncConnection

from serai.journey.acts.hearings import hearing_place, note_delivery
from serai.journey.acts.notification import store
from serai.journey.acts.notification.store import Waiting
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.linking.case_locks import lock_roots
from serai.journey.mailing import store as mail_store
from serai.journey.mailing.states import PROVEN
from serai.journey.mailing.store import Followed
from serai.journey.measure_rules.hearing_rules import OPENED
from serai.journey.processing.transaction import Processor
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import NOTICE
from serai.model.acts import MEASURES

Connection = AsyncConnection[Any]

A_TURN_COUNT: Final = 200
_LOOK_AGAIN: Final = timedelta(seconds=20)
_OPEN_STATES: Final = frozenset({"queued", "handing-over", "sent", *PROVEN})
"""Of another e-mail about the same act, which may still prove it."""


class _ToParty(Protocol):
    """An act, a party it was told to, and the case it was in then."""

    @property
    def act_id(self) -> int: ...
    @property
    def party_id(self) -> int: ...
    @property
    def case_id(self) -> int: ...


async def follow_notices(processor: Processor) -> bool:
    """Take into account what became of what was told; True: more may wait. Each in a transaction of its own,
    and again is harmless."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    at = services.clock.now()
    async with services.database.write() as connection:
        mails = await mail_store.select_to_follow(connection, limit=A_TURN_COUNT, **key)
        looks = await store.select_looks(connection, hearing=OPENED, at=at, limit=A_TURN_COUNT, **key)
    for mail in mails:
        await _follow_mail(processor, mail)
    for look in looks:
        await _look(processor, look, at)
    # What came back just now is due now.
    at = services.clock.now()
    async with services.database.write() as connection:
        untold = await store.select_untold(connection, at=at, limit=A_TURN_COUNT, **key)
    for one in untold:
        await _ask_officers(processor, one, at)
    return A_TURN_COUNT in (len(mails), len(looks), len(untold))


async def _follow_mail(processor: Processor, mail: Followed) -> None:
    services = processor.services
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> None:
        root = (await lock_roots(connection, [mail.case_id]))[mail.case_id]
        if mail.state in PROVEN:
            await _set_proven(processor, connection, mail, mail.state_at, "email")
        else:
            values = {"act_id": mail.act_id, "party_id": mail.party_id, "at": services.clock.now(), **key}
            others = await mail_store.select_notices_of_acts(connection, [mail.act_id], **key)
            states = [one.delivery.state for one in others if one.party_id == mail.party_id]
            if not PROVEN.intersection(states):
                await store.execute(connection, "set_unproven", **values)
            if not _OPEN_STATES.intersection(states):
                await store.execute(connection, "set_due_now", **values)
        await note_delivery(processor, connection, root, mail.act_id)
        await mail_store.set_followed(connection, mail, **key)

    await processor.write(work)


async def _look(processor: Processor, look: Waiting, at: datetime) -> None:
    services = processor.services

    async def work(connection: Connection) -> None:
        if look.means is not None and look.served_at is not None:
            root = (await lock_roots(connection, [look.case_id]))[look.case_id]
            await _set_proven(processor, connection, look, look.served_at, look.means)
            await note_delivery(processor, connection, root, look.act_id)
            return
        # What has been unproven for long is looked for more seldom.
        await store.execute(
            connection,
            "put_off_look",
            act_id=look.act_id,
            party_id=look.party_id,
            next_look_at=at + max(_LOOK_AGAIN, (at - look.told_at) / 20),
            administration_id=services.administration_id,
        )

    await processor.write(work)


async def _set_proven(
    processor: Processor, connection: Connection, to: _ToParty, at: datetime, by: str
) -> None:
    """Write down that a party knows of an act; once all do, nobody has to tell it any more."""
    key = {"administration_id": processor.services.administration_id}
    await store.execute(connection, "set_proven", act_id=to.act_id, party_id=to.party_id, at=at, by=by, **key)
    if await store.is_all_proven(connection, to.act_id, **key):
        await task_store.close_notice_task(connection, to.act_id, at=processor.services.clock.now(), **key)


async def _ask_officers(processor: Processor, untold: Waiting, at: datetime) -> None:
    """Put what nothing proves before an officer, unless the act was taken back meanwhile."""
    services = processor.services
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> None:
        root = (await lock_roots(connection, [untold.case_id]))[untold.case_id]
        place = await _place(processor, connection, root, untold)
        if place == "open":
            # It has a task of its own, which goes to the top.
            await task_store.set_due(connection, untold.act_id, due_at=at, **key)
        elif place == "decided":
            await task_store.open_act_task(
                connection,
                untold.consignment_id,
                untold.act_id,
                NOTICE,
                task_id=int(services.ids.take(1)[0]),
                at=at,
                due_at=at,
                **key,
            )
        await store.execute(
            connection, "set_asked", act_id=untold.act_id, party_id=untold.party_id, at=at, **key
        )

    await processor.write(work)


async def _place(processor: Processor, connection: Connection, root: int, untold: Waiting) -> str:
    """Say where an act stands: of a hearing as `hearing_place`; of a measure that it was decided, or taken
    back."""
    if untold.event_kind == OPENED:
        return await hearing_place(processor, connection, root, untold.act_id)
    standing = await select_standing_acts(
        connection, [root], MEASURES, administration_id=processor.services.administration_id
    )
    return "decided" if any(act.act_id == untold.act_id for _, act in standing) else "taken-back"
