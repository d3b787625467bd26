"""Who is served when: messages of strangers must not take the processor from parcels."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from serai.foundation.access.rate_limit import RateLimit
from serai.foundation.http.problems import RetryLaterError
from serai.journey.descriptions.description import Description, describe
from serai.journey.descriptions.goods_words import shipped_goods_words
from serai.journey.descriptions.weights import shipped_weights
from serai.journey.law_in_force.state import LawState
from serai.laboratory.message_check.checked import CheckedMessage, check_content
from serai.law.vague_words import VagueWords
from serai.model.message_text import MessageText

CONTENT_BYTES_MAX: Final = 512 * 1024
WAITING_MAX: Final = 20
_PER_SECOND: Final = 1.0
_BURST: Final = 20
_Answer = TypeVar("_Answer")


class CheckService:
    """Checks one message at a time, and so many for one asker; holds nothing of any."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting_count = 0
        self._limit = RateLimit(per_second=_PER_SECOND, burst=_BURST)

    async def check(
        self,
        asker: str,
        content: bytes,
        name: str,
        *,
        kind: str,
        law: LawState,
        at_ms: int,
        edition: str | None = None,
    ) -> CheckedMessage:
        """Check a message when it is its turn. asker: told apart by it, never written anywhere.

        Raises RetryLaterError `rate-limited`, `busy`, and what `check_content` raises.
        """
        return await self._in_turn(
            asker,
            partial(
                check_content,
                content,
                name,
                kind=kind,
                book=law.book,
                vague_words=law.lists.vague_words,
                at_ms=at_ms,
                edition=edition,
                lists=law.lists,
            ),
        )

    async def describe(
        self,
        asker: str,
        texts: Sequence[str],
        commodity_codes: Sequence[str | None],
        *,
        vague_words: VagueWords,
        language: str | None,
    ) -> list[Description]:
        """Describe goods descriptions when it is their turn; asker and errors as above."""
        return await self._in_turn(
            asker,
            partial(
                describe,
                texts,
                vague_words=vague_words,
                weights=shipped_weights(),
                goods_words=shipped_goods_words(),
                commodity_codes=commodity_codes,
                language=language,
            ),
        )

    async def _in_turn(self, asker: str, work: Callable[[], _Answer]) -> _Answer:
        wait_s = self._limit.take(asker, time.monotonic())
        if wait_s > 0:
            raise RetryLaterError(
                "rate-limited",
                MessageText(
                    "More than {burst} messages at once, or one a second for some time.", burst=_BURST
                ),
                "Wait as Retry-After says; `serai check` on your own machine has no such limit.",
                retry_after_s=max(1, int(wait_s + 0.999)),
            )
        if self._waiting_count >= WAITING_MAX:
            raise RetryLaterError(
                "busy",
                "Too many requests are waiting.",
                "Send it again in a few seconds.",
                retry_after_s=5,
            )
        self._waiting_count += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting_count -= 1
