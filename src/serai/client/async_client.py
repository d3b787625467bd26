"""`AsyncSerai`: the client for asyncio; the same calls as `Serai`, awaited."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from serai.client import exchanges
from serai.client.answers import Answer, Event, EventPage
from serai.client.exchanges import Call, Document, Exchange, Kind, Reply
from serai.client.patience import AGAIN, asked_pause_s, pause_s
from serai.client.unanswered import unanswered
from serai.model.errors import SeraiError

Result = TypeVar("Result")


class AsyncSerai:
    """A connection to a server, for one party. Use it with `async with`.

    Every call is made again, up to `tries_count` times, when nobody answers or the server is busy: a repeated
    filing is harmless. What the server refuses is a SeraiError under the server's own code.
    """

    def __init__(
        self,
        address: str,
        key: str,
        *,
        tries_count: int = 6,
        timeout_s: float = 60.0,
        transport: httpx2.AsyncBaseTransport | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """address: `https://host`. key: `serai_...`, kept out of messages. transport: of your own, if any."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = httpx2.AsyncClient(
            base_url=address, headers=headers, timeout=timeout_s, transport=transport
        )
        self._tries_count = tries_count
        self._timeout_s = timeout_s
        self._pause = pause
        self._jitter = jitter

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def submit(self, document: Document, kind: Kind = "declaration") -> Answer:
        """File one document; returns when it is decided and durable, or says why it was not taken."""
        return await self._run(exchanges.submit_one(kind, document))

    async def submit_xml(self, content: bytes) -> Answer:
        """File one declaration as WCO DEC XML, or what such a message asks for later."""
        return await self._run(exchanges.submit_one("declaration", content, content_type="application/xml"))

    async def submit_csv(self, content: bytes, kind: Kind = "declaration") -> list[Answer]:
        """File the documents of a CSV file; one answer each, in order."""
        return await self._run_again(partial(exchanges.submit_table, kind, content, "text/csv"))

    async def submit_many(
        self, documents: Iterable[Document], kind: Kind = "declaration", *, batch_count: int = 1_000
    ) -> AsyncIterator[Answer]:
        """File documents as they come from an iterator; one answer each, in order, batch by batch."""
        for batch in exchanges.cut(documents, batch_count):
            for answer in await self._run_again(partial(exchanges.submit_batch, kind, batch)):
                yield answer

    async def quote(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Ask what a parcel will cost at sale and at the border."""
        return await self._run(exchanges.ask_quote(request))

    async def events(self, after: str | None = None, *, limit: int = 100, wait_s: float = 0) -> EventPage:
        """Return a page of the feed. wait_s: up to 20, for the first event."""
        return await self._run(exchanges.read_events(after, limit=limit, wait_s=wait_s))

    async def follow(
        self, after: str | None = None, *, wait_s: float = 20
    ) -> AsyncIterator[tuple[Event, str]]:
        """Give the events of the feed as they happen, for ever, each with the cursor to come back with.

        Coming back with it, some events may come again, and none is passed over.
        """
        while True:
            page = await self.events(after, wait_s=wait_s)
            for event in page.events[:-1]:
                yield event, after or ""
            after = page.next_after
            if page.events:
                yield page.events[-1], after

    async def decision(self, reference: str) -> dict[str, Any]:
        """Return the newest decision, by your reference or by case id, with reasons in words."""
        return await self._run(exchanges.read_decision(reference))

    async def receipt(self, case_id: str) -> bytes:
        """Return the receipt of a case, byte for byte: keep it, and check it by `receipts.check_receipt`."""
        return await self._run(exchanges.read_receipt(case_id))

    async def log_key(self) -> str:
        """Return the public key of the server's log; compare it with what is published elsewhere."""
        return await self._run(exchanges.read_log_key())

    async def withdraw(self, reference: str, *, expected_version: int, reason: str) -> dict[str, Any]:
        """Withdraw a declaration before release."""
        return await self._run(
            exchanges.withdraw(reference, expected_version=expected_version, reason=reason)
        )

    async def send_message(
        self, standard: str, content: bytes, *, content_type: str = "application/xml"
    ) -> Reply:
        """Send one message of a standard (`cds`, `ceb`, `itmatt` ...); returns the standard's own answer."""
        return await self._run(exchanges.send_message(standard, content, content_type))

    async def do(self, exchange: Exchange[Result]) -> Result:
        """Make a call of `serai.client.calls`: `await serai.do(calls.read_case(case_id))`."""
        return await self._run(exchange)

    async def _run(self, exchange: Exchange[Result]) -> Result:
        try:
            call = next(exchange)
            while True:
                call = exchange.send(await self._make(call))
        except StopIteration as end:
            result: Result = end.value
            return result

    async def _run_again(self, begin: Callable[[], Exchange[Result]]) -> Result:
        """Run an exchange, and again where its answer was cut off."""
        for failures_count in range(1, self._tries_count):
            try:
                return await self._run(begin())
            except SeraiError as error:
                if error.code != "answer-cut-off":
                    raise
                await self._pause(pause_s(failures_count, jitter=self._jitter()))
        return await self._run(begin())

    async def _make(self, call: Call) -> Reply:
        if call.after_s:
            await self._pause(call.after_s)
        for failures_count in range(1, self._tries_count + 1):
            asked_s = None
            try:
                answer = await self._http.request(
                    call.method,
                    call.path,
                    params=call.query,
                    content=call.content,
                    headers={"accept": call.accept, "content-type": call.content_type, **call.headers},
                    timeout=self._timeout_s + call.waits_s,
                )
            except httpx2.TransportError as fault:
                if failures_count == self._tries_count:
                    raise unanswered() from fault
            else:
                reply = Reply(answer.status_code, answer.content)
                if answer.status_code in call.tells:
                    return reply
                if answer.status_code not in AGAIN or failures_count == self._tries_count:
                    raise exchanges.problem_error(reply)
                asked_s = asked_pause_s(answer.headers.get("retry-after"))
            await self._pause(pause_s(failures_count, jitter=self._jitter(), asked_s=asked_s))
        raise AssertionError("the last try has answered or raised")
