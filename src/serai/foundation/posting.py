"""One request to an address that an operator has named: bounded in time and in what is read of the answer."""

import asyncio
from typing import Final

import httpx2
import msgspec

ANSWER_BYTES_MAX: Final = 64 * 1024


class Answer(msgspec.Struct, frozen=True):
    """What came back. content: at most ANSWER_BYTES_MAX of it."""

    status: int
    content_type: str
    content: bytes


class Poster:
    """Keeps connections between requests. timeout_ms: for a whole request."""

    def __init__(self, *, timeout_ms: int) -> None:
        self._timeout_s = timeout_ms / 1000
        self._client: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.aclose()

    async def post(self, url: str, body: bytes) -> Answer | None:
        """Send a body of plain text; None where no answer came in time."""
        if self._client is None:  # not before the first request: it reads all that this machine trusts
            self._client = httpx2.AsyncClient(
                trust_env=False, follow_redirects=False, timeout=self._timeout_s
            )
        headers = {
            "content-type": "text/plain; charset=utf-8",
            "accept-encoding": "identity",
            "user-agent": "Serai/1",
        }
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                content = bytearray()
                # As it came: a piece that is unpacked may be a thousand times as large.
                async for piece in answer.aiter_raw():
                    content += piece
                    if len(content) > ANSWER_BYTES_MAX:
                        break
                content_type = answer.headers.get("content-type", "")
                return Answer(answer.status_code, content_type, bytes(content[:ANSWER_BYTES_MAX]))
        except (TimeoutError, httpx2.HTTPError, OSError):
            return None
