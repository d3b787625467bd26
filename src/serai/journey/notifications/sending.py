"""One request to a receiver: to the address that was judged, no redirect, little of the answer read."""

import asyncio
import ssl
import time
from typing import Final, Literal

import httpx2
import msgspec

from serai.journey.notifications.addresses import Reach, Target, find_target
from serai.model.errors import SeraiError

ANSWER_BYTES_MAX: Final = 16 * 1024

Outcome = Literal[
    "taken", "not-taken", "gone", "timed-out", "not-reached", "address-not-allowed", "no-address"
]


class Sent(msgspec.Struct, frozen=True):
    """What became of one request. retry_after_s: what the receiver asked for."""

    outcome: Outcome
    status: int | None
    duration_ms: int
    retry_after_s: int | None = None


class Sender:
    """Sends to one URL; its connection is kept between the requests of one run and never shared with others.

    tls: None trusts what this machine trusts.
    """

    def __init__(self, url: str, reach: Reach, *, timeout_ms: int, tls: ssl.SSLContext | None = None) -> None:
        self._url = url
        self._reach = reach
        self._timeout_s = timeout_ms / 1000
        # Neither proxies nor credentials of this machine's environment: what was judged is where it goes.
        self._client = httpx2.AsyncClient(
            verify=tls if tls is not None else True,
            trust_env=False,
            follow_redirects=False,
            timeout=self._timeout_s,
        )

    async def __aenter__(self) -> "Sender":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(self, body: bytes, headers: dict[str, str]) -> Sent:
        """Send once; what goes wrong is an outcome, never an error."""
        begun_s = time.monotonic()
        status, retry_after_s = None, None
        try:
            async with asyncio.timeout(self._timeout_s):
                target = await find_target(self._url, self._reach)
                status, retry_after_s = await self._post(target, body, headers)
                outcome: Outcome = _outcome_of(status)
        except TimeoutError:
            outcome = "timed-out"
        except SeraiError as error:
            outcome = "address-not-allowed" if error.code == "webhook-host-private" else "no-address"
        except httpx2.TimeoutException:
            outcome = "timed-out"
        except (httpx2.HTTPError, ssl.SSLError, OSError):
            outcome = "not-reached"
        return Sent(outcome, status, int((time.monotonic() - begun_s) * 1000), retry_after_s)

    async def _post(self, target: Target, body: bytes, headers: dict[str, str]) -> tuple[int, int | None]:
        request = self._client.build_request(
            "POST",
            target.url,
            content=body,
            headers={**headers, "host": target.host_header, "user-agent": "Serai-Webhooks/1"},
            # The certificate is that of the name, though the connection goes to its address.
            extensions={"sni_hostname": target.host},
        )
        answer = await self._client.send(request, stream=True)
        try:
            read_bytes = 0
            async for piece in answer.aiter_raw():
                read_bytes += len(piece)
                if read_bytes > ANSWER_BYTES_MAX:
                    break
        finally:
            await answer.aclose()
        asked = answer.headers.get("retry-after", "")
        return answer.status_code, int(asked) if asked.isascii() and asked.isdigit() and len(
            asked
        ) < 9 else None


def _outcome_of(status: int) -> Outcome:
    if 200 <= status < 300:
        return "taken"
    return "gone" if status == 410 else "not-taken"
