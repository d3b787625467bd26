"""Routes of the law for everybody: by territory and date, a place with its history, differences."""

import datetime as dt
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, language_of, page, respond, shared_page
from serai.foundation.settings import Settings
from serai.journey.assessment.store import LAW_FILE
from serai.journey.law_in_force.state import LawState
from serai.journey.processing.transaction import Processor
from serai.law.library import PackFiles
from serai.model.errors import SeraiError
from serai.portal.comparison.service import WorldService
from serai.portal.law.difference_view import DifferenceView, view_days, view_packs
from serai.portal.law.index_view import LawView, view_law
from serai.portal.law.place_view import PlaceView, view_place
from serai.portal.law.places import (
    Place,
    countries_with_law,
    find_place,
    members_of,
    place_name,
    places_with_law,
)

_Request = Request[Any, Any, Any]
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
"""Days that can be asked for: law of other days is neither known nor announced."""


class Fault(msgspec.Struct, frozen=True):
    """Something typed that cannot be read. field: where; given: what was typed."""

    field: str
    text: str


@get("/law", opt={"act": "public.read"}, include_in_schema=False)
async def show_law(
    request: _Request, on: FromQuery[str | None] = None, country: FromQuery[str | None] = None
) -> Response[LawView]:
    """Show the law by territory as it stands on a day: today without one."""
    law, today, language = law_of(request), today_of(request), language_of(request)
    # Who reads the law will look at the comparison next: begun now, it is there by then.
    provided(request, WorldService).look(today)
    faults: list[Fault] = []
    day = read_day(on, today, "on", faults, language)
    edition = (law.generation_id, today)
    if country and not faults:
        query = f"?on={day.isoformat()}" if day != today else ""
        if country.isascii() and country.isalnum():
            address = f"/law/{country.upper()}{query}"
            return cast("Response[LawView]", Response(None, status_code=303, headers={"location": address}))
        faults.append(Fault("country", interface_words(language).gettext("Choose a country from the list.")))

    def build() -> tuple[LawView, dict[str, object]]:
        view: LawView = view_law(law.book.packs.values(), day, today, law.generation_id, language)
        return view, {
            "countries": countries_with_law(law.book, day, language),
            "given": {"on": on or "", "country": country or ""},
            "faults": faults,
        }

    if not faults and (shared := shared_page(request, "portal/law.html", edition, build)) is not None:
        return cast("Response[LawView]", shared)
    view, more = build()
    if faults:
        return cast("Response[LawView]", page(request, view, "portal/law.html", status=422, more=more))
    return respond(request, view, "portal/law.html", more=more)


@get("/law/{code:str}", opt={"act": "public.read"}, include_in_schema=False)
async def show_place(
    request: _Request, code: FromPath[str], on: FromQuery[str | None] = None
) -> Response[PlaceView]:
    """Show the law of a country or union on a day: limits, rates, sources, doubts; what was, what comes."""
    law, today, language = law_of(request), today_of(request), language_of(request)
    faults: list[Fault] = []
    day = read_day(on, today, "on", faults, language)
    place = find_place(law.book, code.upper(), day, language)

    def build() -> tuple[PlaceView, dict[str, object]]:
        view: PlaceView = view_place(
            place, day, today, members_of(law.book, place.code, day, language), language
        )
        return view, {"given": {"on": on or ""}, "faults": faults}

    edition = (law.generation_id, today)
    if not faults and (shared := shared_page(request, "portal/law_place.html", edition, build)) is not None:
        return cast("Response[PlaceView]", shared)
    view, more = build()
    if faults:
        return cast(
            "Response[PlaceView]",
            page(request, view, "portal/law_place.html", status=422, more=more),
        )
    return respond(request, view, "portal/law_place.html", more=more)


@get("/law/difference", opt={"act": "public.read"}, include_in_schema=False)
async def show_difference(
    request: _Request,
    place: FromQuery[str | None] = None,
    first: FromQuery[str | None] = None,
    second: FromQuery[str | None] = None,
) -> Response[DifferenceView]:
    """Show what the law of a place says otherwise on a second day; without a place, a form that asks."""
    law, today, language = law_of(request), today_of(request), language_of(request)
    faults: list[Fault] = []
    view: DifferenceView | None = None
    if place:
        days = [
            read_day(text, today, field, faults, language)
            for field, text in (("first", first), ("second", second))
        ]
        found = _place(law, place, days[1], faults, language)
        if found is not None and not faults:
            view = view_days(found, days[0], days[1], files_of(law), language)
    more = {
        "places": places_with_law(law.book, language),
        "given": {"place": place or "", "first": first or "", "second": second or ""},
        "faults": faults,
    }
    if view is None:
        status = 422 if faults else 200
        return cast(
            "Response[DifferenceView]",
            page(request, None, "portal/law_difference.html", status=status, more=more),
        )
    return respond(request, view, "portal/law_difference.html", more=more)


@get("/law/difference/{before:str}/{after:str}", opt={"act": "public.read"}, include_in_schema=False)
async def show_pack_difference(
    request: _Request, before: FromPath[str], after: FromPath[str]
) -> Response[DifferenceView]:
    """Show what a law, by the code of its pack, says otherwise than another: one version and the next."""
    law, language = law_of(request), language_of(request)
    packs = [law.book.packs.get(code) for code in (before, after)]
    if packs[0] is None or packs[1] is None:
        raise SeraiError("not-found", "No law of this code is known here.", "See the codes on /law.")
    old, new = packs[0].pack, packs[1].pack
    view = view_packs(old, new, files_of(law), place_name(new.jurisdiction, language), language)
    more = {
        "places": places_with_law(law.book, language),
        "given": {"place": view.place, "first": "", "second": ""},
        "faults": [],
    }
    return respond(request, view, "portal/law_difference.html", more=more)


def _place(law: LawState, code: str, on: dt.date, faults: list[Fault], language: str) -> Place | None:
    try:
        return find_place(law.book, code.upper(), on, language)
    except SeraiError:
        said = interface_words(language).gettext(
            "No law of this place is known here. Choose one of the list."
        )
        faults.append(Fault("place", said))
        return None


# ---- what pages of the laboratory for everybody share ----


def law_of(request: _Request) -> LawState:
    """Return the law in use."""
    return provided(request, Processor).law


def today_of(request: _Request) -> dt.date:
    """Return the administration's day."""
    zone = ZoneInfo(provided(request, Settings).administration.time_zone)
    return kit_of(request).clock.now().astimezone(zone).date()


def files_of(law: LawState) -> PackFiles:
    """Return the files that the law in use was read from, by path."""
    return {one.name: one.content for one in law.components if one.kind == LAW_FILE}


def read_day(text: str | None, today: dt.date, field: str, faults: list[Fault], language: str) -> dt.date:
    """Return the day that was typed, today where nothing was; a fault where it is none."""
    if not text or not text.strip():
        return today
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        said = interface_words(language).gettext("%(text)s is no day. Write year, month and day: 2026-07-01.")
        faults.append(Fault(field, said % {"text": text[:20]}))
        return today
    if not FIRST_DAY <= day <= LAST_DAY:
        said = interface_words(language).gettext("Choose a day from %(first)s to %(last)s.")
        faults.append(Fault(field, said % {"first": FIRST_DAY.year, "last": LAST_DAY.year}))
        return today
    return day


ROUTES = [show_law, show_difference, show_pack_difference, show_place]
