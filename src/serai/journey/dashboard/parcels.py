"""The list of parcels: searched, filtered, in pages that cost the same however many parcels there are."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.ids import read_instant
from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.journey.cases.page_words import country_name, status_colour, status_word
from serai.journey.dashboard.flight import Unit
from serai.journey.dashboard.search import FOUND_MAX, find
from serai.journey.decision.rules import PERSON_LANES, SHOWN_LANES
from serai.journey.statistics.store import DashboardReader, ParcelRow
from serai.journey.tasks.rules import KINDS_WITHOUT_LANE, queue_of
from serai.model.errors import SeraiError
from serai.model.frames import FINAL_STATUSES, STATUSES
from serai.model.message_text import MessageText

PAGE_COUNT = 25
LOOK_FIRST, LOOK_MAX = 500, 20_000
_NEWEST = 2**63 - 1


class Asked(msgspec.Struct, frozen=True):
    """What the list is asked for, as it stands in the address; empty: not asked for."""

    search: str = ""
    lane: str = ""
    task: str = ""
    status: str = ""
    destination: str = ""
    movement_id: str = ""
    before: str = ""

    def query(self, **changes: str) -> str:
        """Return the query part of the address of a changed list."""
        asked = {**msgspec.structs.asdict(self), "before": "", **changes}
        return urlencode({name: value for name, value in asked.items() if value})


class Parcel(msgspec.Struct, frozen=True):
    """A parcel as the list shows it. lane: of SHOWN_LANES."""

    case_id: str
    reference: str
    house_document: str | None
    mrn: str
    destination_country_code: str
    destination: str
    lane: str
    status: str
    status_title: str
    colour: str
    changed_at: datetime


class Parcels(msgspec.Struct, frozen=True):
    """A page of the list.

    next_before: cursor of the next page, None at the end. looked_back_to: when the page ends before it is
    full, because so many were looked at already: how far back it looked. units: flights and others whose
    number begins as was asked for.
    """

    asked: Asked
    parcels: list[Parcel]
    next_before: str | None
    looked_back_to: datetime | None
    movement: str | None
    units: list[Unit] = []


async def read_parcels(
    reader: DashboardReader,
    asked: Asked,
    pseudonymiser: Pseudonymiser,
    *,
    party_id: int | None,
    language: str = "en",
    page_count: int = PAGE_COUNT,
) -> Parcels:
    """Return a page, newest first.

    party_id: only what this party filed. page_count: parcels of a page. Raises
    InputFaultyError for a filter that is none.
    """
    before_id = _NEWEST if not asked.before else _cursor(asked.before, "before")
    lane, status = _place(asked.lane, SHOWN_LANES, "lane"), _place(asked.status, STATUSES, "status")
    # Why an officer is asked is for officers.
    task = _place(asked.task, KINDS_WITHOUT_LANE if party_id is None else (), "task")
    filters = {
        "lane": lane,
        "status": status,
        "destination": asked.destination.upper() or None,
        "party_id": party_id,
        "before_id": before_id,
        "count_max": page_count + 1,
    }
    unit_id = _cursor(asked.movement_id, "movement_id") if asked.movement_id else None
    movement: str | None = None
    if asked.search:
        found = await find(reader, asked.search, pseudonymiser, party_id=party_id)
        if found.units:
            units = [Unit(format_id(unit_id), kind, number) for unit_id, kind, number in found.units]
            return Parcels(asked, [], None, None, None, units)
        if found.unit_id is None:
            rows = await _known(reader, found.case_ids, found.consignment_ids, party_id)
            return _page(asked, rows, len(rows), movement, language)
        unit_id, movement = found.unit_id, asked.search
    if unit_id is not None:
        rows = await reader.parcels("select_parcels_below", unit_id=unit_id, **filters)
        if party_id is not None and not rows:
            movement = None  # nothing of this party is on it: it does not learn that there is such a flight
        return _page(asked, rows, page_count, movement, language)
    kept, queue = _kept_of(lane, status), lane
    if task is not None:
        kept, queue = "_in_queue", queue_of(asked.task)
    rows = []
    for look_max in (LOOK_FIRST, LOOK_MAX):
        rows = await reader.parcels(f"select_parcels{kept}", look_max=look_max, queue=queue, **filters)
        if len(rows) > page_count or (rows and not rows[0].looked_to_id):
            return _page(asked, rows, page_count, movement, language)
    looked_to_id = (
        rows[0].looked_to_id
        if rows
        else await reader.looked_to(
            f"looked_to{kept}", before_id=before_id, lane=lane, queue=queue, look_max=LOOK_MAX
        )
    )
    return _page(asked, rows, page_count, movement, language, looked_to_id=looked_to_id)


def _kept_of(lane: int | None, status: int | None) -> str:
    """Return which queries list a lane: of those that need a person, of those that wait, or of all, of which
    few are looked at in vain. What is released or invalidated waits for nobody, in whichever lane it was.
    """
    if not lane or status in FINAL_STATUSES:
        return ""
    return "_in_queue" if lane in PERSON_LANES else "_waiting"


async def _known(
    reader: DashboardReader, case_ids: Sequence[int], consignment_ids: Sequence[int], party_id: int | None
) -> list[ParcelRow]:
    own = {"party_id": party_id, "count_max": FOUND_MAX}
    rows = await reader.parcels("select_parcels_of_cases", case_ids=list(case_ids), **own) if case_ids else []
    if consignment_ids:
        rows += await reader.parcels("select_parcels_by_id", consignment_ids=list(consignment_ids), **own)
    return list({row.consignment_id: row for row in rows}.values())


def _page(
    asked: Asked,
    rows: Sequence[ParcelRow],
    shown_count: int,
    movement: str | None,
    language: str,
    *,
    looked_to_id: int = 0,
) -> Parcels:
    shown = rows[:shown_count]
    next_id = shown[-1].consignment_id if len(rows) > len(shown) else looked_to_id
    return Parcels(
        asked,
        [_parcel(row, language) for row in shown],
        format_id(next_id) if next_id else None,
        read_instant(looked_to_id) if looked_to_id else None,
        movement,
    )


def _parcel(row: ParcelRow, language: str) -> Parcel:
    return Parcel(
        format_id(row.case_id),
        row.reference,
        row.house_document,
        row.mrn,
        row.consignee_country_code,
        country_name(row.consignee_country_code, language),
        SHOWN_LANES[row.lane],
        STATUSES[row.status],
        status_word(row.status, language),
        status_colour(row.status, row.lane),
        row.changed_at,
    )


def _place(word: str, words: Sequence[str], name: str) -> int | None:
    if not word:
        return None
    if word not in words:
        raise _faulty(
            name,
            MessageText("There is no {name} '{value}'.", name=name, value=word[:40]),
            MessageText("Choose one of: {listed}.", listed=", ".join(words))
            if words
            else "Leave it out: it is for officers.",
        )
    return words.index(word)


def _cursor(text: str, name: str) -> int:
    try:
        return parse_id(text)
    except SeraiError as fault:
        raise _faulty(name, "This address is incomplete.", "Start again at /parcels.") from fault


def _faulty(name: str, detail: str, remedy: str) -> InputFaultyError:
    fault = InputFault(f"query:{name}", "not-in-list", detail, remedy)
    return InputFaultyError((fault,), "The list cannot be shown with these filters.", remedy)
