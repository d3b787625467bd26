"""The work behind notices: what is due is handed over, what comes back is read.

A notice is sent at most once. Before its text goes out the row says so; where a process ends after that and
nobody can tell whether the server took it, it is `unsure`, and begins no clock.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from serai.foundation.jobs import Job
from serai.foundation.telemetry import telemetry
from serai.journey.mailing import store
from serai.journey.mailing.composing import Sealed, compose
from serai.journey.mailing.returned import list_returned, put_aside, read_returned
from serai.journey.mailing.sending import Envelope, Handed
from serai.journey.mailing.service import Mailing, context_of
from serai.journey.mailing.states import State
from serai.journey.mailing.store import HeldNotice
from serai.model.errors import SeraiError

NOTICES_A_RUN: Final = 20
LEASE: Final = timedelta(minutes=5)
"""Longer than a try may take: what another process holds still is let alone."""
LOOK_S: Final = 1.0
PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3_600, 7_200))
"""After the first, the second ... try; after later ones the last."""

_DECODER: Final = msgspec.json.Decoder(Sealed)


class Mailer:
    """Hands notices over. return_folder: where what comes back lies; None: nowhere. jitter: 0 to 1."""

    def __init__(
        self,
        mailing: Mailing,
        *,
        return_folder: Path | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._mailing = mailing
        self._return_folder = return_folder
        self._jitter = jitter

    @asynccontextmanager
    async def running(self, processes_count: int = 1) -> AsyncIterator[None]:
        """Hand over in the background for as long as the context is open. processes_count: that do so."""
        tasks = [asyncio.create_task(job.keep(self, processes_count), name=job.name) for job in JOBS]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def send_due(self) -> bool:
        """Hand over what is due; True: more may be."""
        due = await self._claim("claim_notices")
        for notice in due:
            try:
                await self._send(notice)
            except SeraiError as error:
                # Its lease runs out: what is broken is not tried in a circle.
                telemetry().error("notice-not-sent", code=error.code)
        return len(due) == NOTICES_A_RUN

    async def settle_left(self) -> None:
        """Say of what an ended process was handing over what can be said of it."""
        for notice in await self._claim("claim_left"):
            taken = await asyncio.to_thread(self._mailing.transport.was_taken, notice.notice_id)
            state: State = "unsure" if taken is None else "sent" if taken else "queued"
            await self._move(notice, state)

    async def read_returned(self) -> None:
        """Read what came back, each message once."""
        if self._return_folder is None:
            return
        services = self._mailing.services
        for path, content in await asyncio.to_thread(list_returned, self._return_folder):
            found = await asyncio.to_thread(read_returned, content)
            for one in found or ():
                async with services.database.write() as connection:
                    await store.settle(
                        connection,
                        one.state,
                        administration_id=services.administration_id,
                        at=services.clock.now(),
                        return_token=one.token,
                        detail=one.detail,
                    )
            if found is None:
                telemetry().warning("returned-message-unreadable")
            await asyncio.to_thread(put_aside, self._return_folder, path, was_read=found is not None)

    async def _claim(self, query: str) -> list[HeldNotice]:
        services = self._mailing.services
        async with services.database.write() as connection:
            return await store.claim(
                connection,
                query,
                administration_id=services.administration_id,
                at=services.clock.now(),
                lease=LEASE,
                holder=int(services.ids.take(1)[0]),
                limit=NOTICES_A_RUN,
            )

    async def _send(self, notice: HeldNotice) -> None:
        if self._mailing.services.clock.now() >= notice.send_by:
            await self._move(notice, "expired")
            return
        sealed = _DECODER.decode(self._mailing.seal.open(notice.sealed, context_of(notice.notice_id)))
        message = compose(notice, sealed, self._mailing.writer)
        local, _, domain = self._mailing.writer.sender.rpartition("@")
        token = notice.return_token
        envelope = Envelope(notice.notice_id, sealed.to, f"{local}+{token}@{domain}", token)
        loop = asyncio.get_running_loop()

        def begins() -> bool:
            return asyncio.run_coroutine_threadsafe(self._move(notice, "handing-over"), loop).result()

        handed = await asyncio.to_thread(self._mailing.transport.hand_over, envelope, message, begins)
        await self._settle_try(notice, handed)

    async def _settle_try(self, notice: HeldNotice, handed: Handed) -> None:
        if handed.outcome != "later":
            await self._move(notice, handed.outcome, detail=handed.detail)
            return
        pause = PAUSES[min(notice.tries_count, len(PAUSES) - 1)] * (0.8 + 0.4 * self._jitter())
        await self._move(notice, "queued", detail=handed.detail, pause=pause)

    async def _move(
        self, notice: HeldNotice, state: State, *, detail: str = "", pause: timedelta = timedelta()
    ) -> bool:
        services = self._mailing.services
        at: datetime = services.clock.now()
        async with services.database.write() as connection:
            return await store.move_held(
                connection,
                notice,
                state,
                administration_id=services.administration_id,
                at=at,
                lease=LEASE,
                detail=detail,
                next_try_at=at + pause,
                is_try=state != "handing-over",
            )


JOBS: Final[tuple[Job[Mailer], ...]] = (
    Job(
        "send-notices",
        LOOK_S,
        "Notices that are due are handed to the mail server.",
        Mailer.send_due,
        Mailer.send_due,
        one_is_enough=True,
    ),
    Job(
        "settle-notices",
        60.0,
        "Of notices that an ended process was handing over it is said whether they were sent.",
        Mailer.settle_left,
        Mailer.settle_left,
    ),
    Job(
        "read-returned-notices",
        20.0,
        "Reports of delivery and returned messages are read (`notices.return_folder`).",
        Mailer.read_returned,
        Mailer.read_returned,
    ),
)
"""What a mailer does on a timer."""
