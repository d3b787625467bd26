"""Reads one page over many connections at once, until a line comes on standard input; prints how often.

`python -m tools.page_speed.readers PORT PAGE CONNECTIONS`
"""

import asyncio
import re
import sys
from typing import Final

_LENGTH: Final = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


async def read_pages(port: int, page: str, connections_count: int) -> int:
    """Read until a line comes; return how often. A page that is not sent, or refused, ends it."""
    asked = f"GET {page} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/html\r\n\r\n".encode()
    counts = [0] * connections_count
    readers = [asyncio.create_task(_read(port, asked, counts, place)) for place in range(connections_count)]
    end = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    done, _ = await asyncio.wait([end, *readers], return_when=asyncio.FIRST_COMPLETED)
    for one in done:
        one.result()
    for one in readers:
        one.cancel()
    return sum(counts)


async def _read(port: int, asked: bytes, counts: list[int], place: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            if not head.startswith(b"HTTP/1.1 200") or length is None:
                raise AssertionError(head.decode(errors="replace"))
            await reader.readexactly(int(length[1]))
            counts[place] += 1
    finally:
        writer.close()


if __name__ == "__main__":
    _, port, page, count = sys.argv
    sys.stdout.write(f"{asyncio.run(read_pages(int(port), page, int(count)))}\n")
