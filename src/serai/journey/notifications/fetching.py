"""One file from an address that somebody has named: judged before, bounded in time and size."""

import asyncio
import ssl
from typing import Final

import httpx2

from serai.journey.notifications.addresses import Reach, check_url, find_target

_TIMEOUT_S: Final = 30.0


class NotFetchedError(Exception):
    """No file came. why: in a few words."""

    def __init__(self, why: str) -> None:
        """Say why."""
        super().__init__(why)
        self.why = why


async def fetch_file(url: str, reach: Reach, bytes_max: int, *, user_agent: str) -> bytes:
    """Get a file of at most so many bytes from where a request may go; no redirect is followed.

    Raises InputFaultyError and SeraiError where no request may go there (`check_url`, `find_target`), and
    NotFetchedError.
    """
    check_url(url, reach)
    target = await find_target(url, reach)
    headers = {"host": target.host_header, "user-agent": user_agent, "accept-encoding": "identity"}
    try:
        async with (
            asyncio.timeout(_TIMEOUT_S),
            httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=_TIMEOUT_S) as client,
            # The certificate is that of the name, though the connection goes to its address.
            client.stream(
                "GET", target.url, headers=headers, extensions={"sni_hostname": target.host}
            ) as answer,
        ):
            if answer.status_code != httpx2.codes.OK:
                raise NotFetchedError(f"it answers {answer.status_code}")
            content = bytearray()
            async for piece in answer.aiter_raw():
                content += piece
                if len(content) > bytes_max:
                    raise NotFetchedError(f"it sends more than {bytes_max} bytes")
    except (TimeoutError, httpx2.HTTPError, ssl.SSLError, OSError) as fault:
        raise NotFetchedError("it cannot be reached in time") from fault
    return bytes(content)
