"""Reading uploads of anybody: so many from one address, and few at once, whatever comes."""

import asyncio
import time
from typing import Final

from serai.foundation.access.rate_limit import RateLimit
from serai.foundation.http.problems import RetryLaterError
from serai.portal.upload.sheet import CheckedBy, Sheet, read_sheet

_PER_SECOND: Final = 0.5
_BURST: Final = 40
"""Who corrects a file in the page sends it many times."""
_AT_ONCE: Final = 2


class UploadService:
    """Reads files in threads, a few at a time."""

    def __init__(self) -> None:
        self._limit = RateLimit(per_second=_PER_SECOND, burst=_BURST)
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def read(self, asker: str, content: bytes, by: CheckedBy) -> Sheet:
        """Read a file. Raises RetryLaterError `rate-limited`."""
        wait_s = self._limit.take(asker, time.monotonic())
        if wait_s > 0:
            raise RetryLaterError(
                "rate-limited",
                "Too many files from one address.",
                "Wait as Retry-After says; POST /v1/declarations takes files of any size.",
                retry_after_s=int(wait_s) + 1,
            )
        async with self._places:
            return await asyncio.to_thread(read_sheet, content, by)
