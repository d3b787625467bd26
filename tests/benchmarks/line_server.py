"""A small server that keeps the bulk line contract, or breaks it in one named way. It decides nothing."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count

HEAD = "HTTP/1.1 {} X\r\ncontent-type: application/x-ndjson\r\n"


class LineServer:
    """fault: none, refuse, no-trailer, incomplete, miscount, drop-line, hang-up."""

    def __init__(self, fault: str = "none") -> None:
        self.fault = fault
        self.references: list[str] = []
        self.routes: Counter[str] = Counter()
        self.authorizations: set[str] = set()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self.routes[line.split()[1].decode()] += 1
                headers = {}
                while (field := await reader.readline()).strip():
                    name, _, value = field.decode().partition(":")
                    headers[name.lower()] = value.strip()
                self.authorizations.add(headers.get("authorization", ""))
                length = int(headers["content-length"])
                if self.fault == "refuse":
                    problem = b'{"code":"overloaded"}'
                    writer.write(
                        (HEAD.format(503) + f"content-length: {len(problem)}\r\n\r\n").encode() + problem
                    )
                elif headers["content-type"] == "application/x-ndjson":
                    await self.answer_lines(reader, writer, length)
                else:
                    await self.answer_one(reader, writer, length)
                await writer.drain()
                if self.fault in {"refuse", "hang-up"}:
                    break
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def answer_one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: int
    ) -> None:
        document = json.loads(await reader.readexactly(length))
        # A basket has no reference of its own.
        self.references.append(document.get("reference", ""))
        body = json.dumps({"reference": self.references[-1], "status": "decided"}).encode()
        writer.write((HEAD.format(200) + f"content-length: {len(body)}\r\n\r\n").encode() + body)

    async def answer_lines(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: int
    ) -> None:
        def send(answer: dict[str, object]) -> None:
            data = json.dumps(answer).encode() + b"\n"
            writer.write(b"%x\r\n%b\r\n" % (len(data), data))

        writer.write((HEAD.format(200) + "transfer-encoding: chunked\r\n\r\n").encode())
        counts: Counter[str] = Counter()
        for number in count(1):
            if length <= 0:
                break
            line = await reader.readline()
            length -= len(line)
            document = json.loads(line)
            self.references.append(document["reference"])
            status = "decided" if "consignee" in document else "fault"
            counts[status] += 1
            if self.fault == "hang-up" and number == 20:
                return
            if not (self.fault == "drop-line" and number == 20):
                send({"line": number, "reference": document["reference"], "status": status})
            await writer.drain()
        if self.fault == "miscount":
            counts["decided"] += 1
        if self.fault != "no-trailer":
            send({"counts": counts, "complete": self.fault != "incomplete"})
        writer.write(b"0\r\n\r\n")


@contextmanager
def line_server(fault: str = "none") -> Iterator[LineServer]:
    """Run the server in a thread of its own."""
    served, started, loop = LineServer(fault), threading.Event(), asyncio.new_event_loop()
    stop = loop.create_future()

    async def run() -> None:
        async with await asyncio.start_server(served.serve, "127.0.0.1", 0) as server:
            served.port = server.sockets[0].getsockname()[1]
            started.set()
            await stop
        # Every client is gone by now, so each connection's task ends by itself.
        await asyncio.wait_for(asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}), 10)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    started.wait(10)
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(stop.set_result, None)
        thread.join(20)
        loop.close()
