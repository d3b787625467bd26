"""Lists and the event feed: cursors that mean nothing to a client, and pages that cost the same in a full
store.
"""

import datetime as dt
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.ids import first_id_at
from serai.journey.case_records.answers import ConsignmentPage
from serai.journey.cases.service import CaseFiles
from serai.journey.cases.status import consignment_out
from serai.journey.consignments import store
from serai.journey.tasks.rules import KINDS_WITHOUT_LANE, queue_of
from serai.journey.visibility.table import Viewer
from serai.model.frames import FINAL_STATUSES, LANES, STATUSES
from serai.model.message_text import MessageText

WINDOW: Final = 5_000
"""Rows that one page looks through at most, however few of them pass its filter."""

_STATUS_LANES: Final = {
    "document-missing": "await",
    "under-documentary-control": "review",
    "under-physical-control": "examine",
    "not-released": "refuse",
}
_SLACK: Final = dt.timedelta(minutes=1)
"""How far the time in a decision's id may stand from the time it was written."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows. At most one of conveyance_reference and master_document; both given, the movement
    counts. task: why a person is asked, for officers."""

    status: str | None = None
    lane: str | None = None
    task: str | None = None
    master_document: str | None = None
    conveyance_reference: str | None = None
    changed_since: dt.datetime | None = None


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a client stands. order: the query whose keys a and b are. era: of the feed's transactions."""

    order: str
    a: int
    b: int
    era: int = 0


EVENTS: Final = "events"


def write_cursor(cursor: Cursor) -> str:
    """Return a cursor as the client carries it."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read_cursor(text: str, order: str) -> Cursor:
    """Read a cursor of a query. Raises InputFaultyError for any other text."""
    try:
        cursor = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
    except (msgspec.MsgspecError, Base64Error, ValueError, UnicodeEncodeError):
        cursor = Cursor("", 0, 0)
    if cursor.order != order or not all(0 <= key < 2**63 for key in (cursor.a, cursor.b, cursor.era)):
        fault = InputFault(
            "query:after",
            "cursor-unknown",
            "This is no cursor of this list.",
            "Use `next_after` of the page before, with the same filter; leave it out to begin.",
        )
        raise InputFaultyError((fault,), "The list cannot go on from there.", "Begin without `after`.")
    return cursor


def write_place(place: store.Place) -> str:
    """Return a place in the feed as the client carries it."""
    return write_cursor(Cursor(EVENTS, place.tx, place.event_id, place.era))


def read_place(text: str) -> store.Place:
    """Read a cursor of the feed. Raises InputFaultyError for any other text."""
    cursor = read_cursor(text, EVENTS)
    return store.Place(cursor.era, cursor.a, cursor.b)


def check_filter(given: Filter, *, is_for_officer: bool) -> None:
    """Raise InputFaultyError with everything that is wrong with a filter. is_for_officer: who asks may know
    why a person is asked."""
    faults = []
    tasks = KINDS_WITHOUT_LANE if is_for_officer else ()
    for name, value, known in (
        ("status", given.status, STATUSES),
        ("lane", given.lane, LANES),
        ("task", given.task, tasks),
    ):
        if value is not None and value not in known:
            faults.append(
                InputFault(
                    f"query:{name}",
                    "not-in-list",
                    MessageText("There is no {name} '{value}'.", name=name, value=value),
                    MessageText("Use one of: {listed}.", listed=", ".join(known))
                    if known
                    else "Leave it out: it is for officers.",
                )
            )
    if given.changed_since is not None and given.changed_since.tzinfo is None:
        faults.append(
            InputFault(
                "query:changed_since",
                "bad-instant",
                "The instant has no time zone.",
                "Write it like 2026-07-01T00:00:00Z.",
            )
        )
    if faults:
        raise InputFaultyError(tuple(faults), "The filter cannot be read.", "Correct what 'errors' names.")


async def list_consignments(
    files: CaseFiles, viewer: Viewer, given: Filter, *, after: str | None, limit: int
) -> ConsignmentPage:
    """Return a page of what a viewer may see. Raises InputFaultyError."""
    check_filter(given, is_for_officer=viewer.is_administration)
    async with files.database.read(files.administration_id) as connection:
        rows, next_after = await select_page(
            connection,
            given,
            administration_id=files.administration_id,
            party_id=None if viewer.is_administration else viewer.party_id,
            after=after,
            limit=limit,
        )
    return ConsignmentPage(consignments=[consignment_out(row) for row in rows], next_after=next_after)


async def select_page(
    connection: AsyncConnection[Any],
    given: Filter,
    *,
    administration_id: int,
    party_id: int | None,
    after: str | None,
    limit: int,
) -> tuple[list[store.ConsignmentRow], str | None]:
    """Return the next rows a party may see (all where party_id is None), and where to go on."""
    query = _query_of(given, party_id)
    start = read_cursor(after, query) if after else Cursor(query, _begin(query, given), 0)
    listed = await store.select_listed(
        connection,
        query,
        {
            "administration_id": administration_id,
            "party_id": party_id,
            "status": None if given.status is None else STATUSES.index(given.status),
            "lane": _lane_number(given),
            "queue": None if given.task is None else queue_of(given.task),
            "movement_id": given.conveyance_reference,
            "master_document": given.master_document,
            "changed_since": given.changed_since,
            "after_a": start.a,
            "after_b": start.b,
            "window": WINDOW,
            "limit": limit + 1,
        },
    )
    shown = [row for row in listed if row.is_shown]
    rows = await store.select_consignments(
        connection, [row.consignment_id for row in shown[:limit]], administration_id=administration_id
    )
    by_id = {row.consignment_id: row for row in rows}
    page = [by_id[row.consignment_id] for row in shown[:limit] if row.consignment_id in by_id]
    if len(listed) > limit:
        last = listed[limit - 1]
    elif listed and listed[-1].seen_count == WINDOW:
        last = listed[-1]
    else:
        return page, None
    return page, write_cursor(Cursor(query, last.a, last.b))


def _lane_number(given: Filter) -> int | None:
    lane = given.lane or _STATUS_LANES.get(given.status or "")
    return None if lane is None else LANES.index(lane)


def _query_of(given: Filter, party_id: int | None) -> str:
    if given.task is not None:
        return "list_by_task"
    if given.conveyance_reference or given.master_document:
        return "list_on_units"
    if given.changed_since is not None:
        return "list_changed"
    if party_id is not None:
        return "list_of_party"
    # What is released or invalidated waits for nobody, in whichever lane it was.
    is_final = given.status is not None and STATUSES.index(given.status) in FINAL_STATUSES
    return "list_by_lane" if _lane_number(given) and not is_final else "list_by_case"


def _begin(query: str, given: Filter) -> int:
    if query == "list_changed" and given.changed_since is not None:
        return max(first_id_at(given.changed_since - _SLACK) - 1, 0)
    return 0
