"""The work behind webhooks: whoever is due is told its events, one after the other, in the feed's order.

Each receiver has a task of its own: one that is slow holds up nobody but its own party's others.

An event is told until it is taken; those behind it wait, so that the order holds. Every process of a node
does this; a lease in the database sees to it that one webhook is told by one at a time. An event that was
told when the process ended is told again: the receiver knows it by `webhook-id`.
"""

import asyncio
import random
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import msgspec

from serai.foundation.ids import first_id_at
from serai.foundation.jobs import Job
from serai.foundation.telemetry import telemetry
from serai.journey.cases.events import event_out
from serai.journey.consignments import store as consignment_store
from serai.journey.notifications import store
from serai.journey.notifications.retries import is_given_up, pause_after
from serai.journey.notifications.sending import Sender, Sent
from serai.journey.notifications.service import WebhookService
from serai.journey.notifications.signing import sign_headers, write_message
from serai.journey.texts.notices import WORDLESS, About, Served, insert_notice

WEBHOOKS_AT_ONCE: Final = 16
WEBHOOKS_OF_PARTY: Final = 2
"""How many of one party are told at once."""
EVENTS_A_RUN: Final = 500
RUN: Final = timedelta(seconds=30)
"""After so long the others of its party have their turn."""
LEASE: Final = timedelta(seconds=15)
"""If a process dies, others go on that soon with what it told."""
RENEW_S: Final = 5.0
LOOK_S: Final = 1.0
TRIES_KEPT: Final = timedelta(days=30)


class Deliverer:
    """Tells events. jitter: 0 to 1, so that tries of many do not fall together. tls: as in Sender."""

    def __init__(
        self,
        service: WebhookService,
        *,
        jitter: Callable[[], float] = random.random,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._service = service
        self._jitter = jitter
        self._tls = tls
        self._under_way: dict[asyncio.Task[None], store.WebhookRow] = {}

    @asynccontextmanager
    async def running(self, processes_count: int = 1) -> AsyncIterator[None]:
        """Tell in the background for as long as the context is open. processes_count: that do so."""
        tasks = [asyncio.create_task(job.keep(self, processes_count), name=job.name) for job in JOBS]
        try:
            yield
        finally:
            ending = [*tasks, *self._under_way]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def deliver_due(self) -> int:
        """Tell what is due now; returns how many webhooks were looked at."""
        begun = await self._begin_due()
        await asyncio.gather(*begun)
        return len(begun)

    async def _begin_due(self) -> list[asyncio.Task[None]]:
        """Begin to tell those that are due, as many as there is room for."""
        service = self._service
        room_count = WEBHOOKS_AT_ONCE - len(self._under_way)
        if room_count == 0:
            return []
        at = service.clock.now()
        async with service.database.write() as connection:
            due = await store.claim_webhooks(
                connection,
                administration_id=service.administration_id,
                at=at,
                until=at + LEASE,
                holder=service.take_id(),
                limit=room_count,
                of_party=WEBHOOKS_OF_PARTY,
                busy=Counter(row.party_id for row in self._under_way.values()),
            )
        begun = []
        for row in due:
            task = asyncio.create_task(self._tell_or_report(row))
            self._under_way[task] = row
            task.add_done_callback(self._under_way.pop)
            begun.append(task)
        return begun

    async def _tell_or_report(self, row: store.WebhookRow) -> None:
        try:
            await self._tell(row)
        except Exception as fault:  # noqa: BLE001 - told; its lease runs out: what is broken is not tried in a circle
            telemetry().warning("webhook-not-told", exc_info=fault)

    async def look(self) -> bool:
        """Begin with what is due, and wait a moment for what is under way; True: something is."""
        await self._begin_due()
        if not self._under_way:
            return False
        # Who has been told may have more, and its party others that wait.
        await asyncio.wait(self._under_way, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        return True

    async def renew(self) -> None:
        """Renew the leases of what is being told now."""
        service = self._service
        if self._under_way:
            values = {
                "administration_id": service.administration_id,
                "holders": sorted({row.holder for row in self._under_way.values()}),
                "until": service.clock.now() + LEASE,
            }
            async with service.database.write() as connection:
                await store.execute(connection, "renew_leases", values)

    async def forget_old_tries(self) -> None:
        """Forget tries that are old."""
        service = self._service
        before = first_id_at(service.clock.now() - TRIES_KEPT)
        async with service.database.write() as connection:
            values = {"administration_id": service.administration_id, "before_id": before}
            await store.execute(connection, "delete_old_tries", values)

    async def _tell(self, row: store.WebhookRow) -> None:
        """Tell a webhook its next events; stop at the first that is not taken, or when somebody set the
        cursor."""
        service = self._service
        async with service.database.read(service.administration_id) as connection:
            events = await consignment_store.select_events(
                connection,
                party_id=row.party_id,
                administration_id=service.administration_id,
                after=row.after,
                limit=EVENTS_A_RUN,
            )
        async with Sender(
            row.url, service.reach, timeout_ms=service.settings.try_ms, tls=self._tls
        ) as sender:
            taken = await self._tell_in_order(sender, row, events)
        async with service.database.write() as connection:
            at = service.clock.now()
            for kind in sorted({one.kind for one in taken}):
                about = [About(one.case_id, one.decision_id) for one in taken if one.kind == kind]
                kind_code = consignment_store.EVENT_KINDS[kind]
                await insert_notice(
                    connection,
                    Served(about, (), "webhook", WORDLESS, event_kind=kind_code),
                    notice_id=service.take_id(),
                    party_id=row.party_id,
                    administration_id=service.administration_id,
                    at=at,
                )
            values = {"webhook_id": row.webhook_id, "holder": row.holder, "at": at}
            await store.execute(connection, "give_back", values)

    async def _tell_in_order(
        self,
        sender: Sender,
        row: store.WebhookRow,
        events: Sequence[consignment_store.EventRow],
    ) -> list[consignment_store.EventRow]:
        """Return the events about decisions that were taken."""
        taken: list[consignment_store.EventRow] = []
        stop_at = self._service.clock.now() + RUN
        passed: consignment_store.EventRow | None = None
        for event in events:
            if self._service.clock.now() >= stop_at:
                break
            if row.kinds and consignment_store.EVENT_KINDS[event.kind] not in row.kinds:
                passed = event
                continue
            sent = await self._send(sender, row, event)
            if sent is None:
                return taken
            if sent.outcome != "taken":
                # What was passed over before it is passed over again: to move on would forget the failures.
                await self._put_off(row, sent)
                return taken
            if event.decision_id:
                taken.append(event)
            passed = None
            row = msgspec.structs.replace(row, tries_count=0, failing_since=None)
        if passed is not None:
            async with self._service.database.write() as connection:
                await self._move_on(connection, row, passed)
        return taken

    async def _send(
        self, sender: Sender, row: store.WebhookRow, event: consignment_store.EventRow
    ) -> Sent | None:
        """Try one event and write the try down; None if the webhook is no longer ours to go on with."""
        service = self._service
        out = event_out(event)
        body, at = write_message(out), service.clock.now()
        sent = await sender.send(body, sign_headers(service.open_secrets(row, at), out.event_id, body, at))
        values = {
            "try_id": service.take_id(),
            "administration_id": service.administration_id,
            "webhook_id": row.webhook_id,
            "event_id": event.event_id,
            "try_number": row.tries_count + 1,
            "outcome": sent.outcome,
            "status": sent.status,
            "duration_ms": sent.duration_ms,
            "at": at,
        }
        async with service.database.write() as connection:
            await store.execute(connection, "insert_try", values)
            if sent.outcome == "taken" and not await self._move_on(connection, row, event):
                return None
        return sent

    async def _move_on(
        self,
        connection: store.Connection,
        row: store.WebhookRow,
        event: consignment_store.EventRow,
    ) -> bool:
        values = {
            "webhook_id": row.webhook_id,
            "run": row.run,
            "holder": row.holder,
            **consignment_store.place_values(event.place),
            "at": self._service.clock.now(),
        }
        return bool(await store.execute(connection, "move_on", values))

    async def _put_off(self, row: store.WebhookRow, sent: Sent) -> None:
        at = self._service.clock.now()
        failures_count = row.tries_count + 1
        failing_since = row.failing_since or at
        gives_up = sent.outcome == "gone" or is_given_up(
            failing_since, at, after_days=self._service.settings.off_after_days
        )
        values = {
            "webhook_id": row.webhook_id,
            "run": row.run,
            "holder": row.holder,
            "at": at,
            "next_try_at": at
            + pause_after(failures_count, jitter=self._jitter(), asked_s=sent.retry_after_s),
            "state": store.OFF if gives_up else store.ACTIVE,
            "state_reason": sent.outcome if gives_up else "",
        }
        async with self._service.database.write() as connection:
            was_ours = await store.execute(connection, "put_off", values)
        if gives_up and was_ours:
            telemetry().warning("webhook-switched-off", party_id=row.party_id, status=sent.status)


JOBS: Final[tuple[Job[Deliverer], ...]] = (
    Job(
        "tell-webhooks",
        LOOK_S,
        "Webhooks that are due are told their events.",
        Deliverer.look,
        Deliverer.look,
        one_is_enough=True,
    ),
    Job(
        "renew-webhook-leases",
        RENEW_S,
        "The process keeps the webhooks that it is telling.",
        Deliverer.renew,
        Deliverer.renew,
        waits_first=True,
    ),
    Job(
        "forget-webhook-tries",
        3_600.0,
        "Tries to tell webhooks that are 30 days old are forgotten.",
        Deliverer.forget_old_tries,
        Deliverer.forget_old_tries,
    ),
)
"""What a deliverer does on a timer."""
