"""The event feed of a party."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.case_records.answers import EventOut, EventPage
from serai.journey.cases import lists
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments import store
from serai.journey.visibility.table import Viewer
from serai.model.errors import SeraiError

_POLL_S: Final = 0.4
_STREAM_S: Final = 55.0
_QUIET_S: Final = 15.0
"""After so long without an event a comment is sent, so that nobody between closes the connection."""


async def read_events(
    files: CaseFiles, viewer: Viewer, *, after: str | None, limit: int, wait_s: float
) -> EventPage:
    """Return a party's events after a cursor, at least once each; wait up to wait_s seconds for
    the first.

    Raises InputFaultyError, and `events-need-party` for an actor without a party.
    """
    if viewer.party_id is None:
        raise SeraiError(
            "events-need-party",
            "Events are told to a party, and you have none.",
            "List changes by GET /v1/declarations?changed_since= instead.",
        )
    place = lists.read_place(after) if after else store.BEFORE_ALL
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    while True:
        async with files.database.read(files.administration_id) as connection:
            rows = await store.select_events(
                connection,
                party_id=viewer.party_id,
                administration_id=files.administration_id,
                after=place,
                limit=limit,
            )
        if rows or loop.time() >= until:
            break
        await asyncio.sleep(min(_POLL_S, max(until - loop.time(), 0)))
    if rows:
        place = rows[-1].place
    return EventPage(
        events=[event_out(row) for row in rows],
        next_after=lists.write_place(place),
    )


async def write_stream(
    files: CaseFiles, viewer: Viewer, first: EventPage, *, limit: int
) -> AsyncGenerator[bytes]:
    """Write the feed as server-sent events (WHATWG HTML, 9.2), from a first page on, for about a minute.

    Only the last event of a page bears an `id`: it is the cursor after all of them.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + _STREAM_S
    page = first
    yield f"retry: 1000\nid: {page.next_after}\n\n".encode() if not page.events else b"retry: 1000\n\n"
    while True:
        lines = [
            b"event: %s\ndata: %s\n" % (one.kind.encode(), msgspec.json.encode(one)) for one in page.events
        ]
        if lines:
            lines[-1] += f"id: {page.next_after}\n".encode()
        yield b"\n".join(lines) + b"\n" if lines else b": nothing yet\n\n"
        if loop.time() >= until:
            return
        page = await read_events(files, viewer, after=page.next_after, limit=limit, wait_s=_QUIET_S)


def event_out(row: store.EventRow) -> EventOut:
    """Return an event as it is told, in the feed and by webhooks."""
    return EventOut(
        event_id=format_id(row.event_id),
        kind=store.EVENT_KINDS[row.kind],
        case_id=format_id(row.case_id),
        at=row.at,
        decision_id=format_id(row.decision_id) if row.decision_id > 0 else None,
    )
