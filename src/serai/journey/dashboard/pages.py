"""Pages of the flow: what is in the air, the flow in figures, the list of parcels. Machines get JSON."""

from functools import partial
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from serai.foundation.access.actor import Actor
from serai.foundation.access.table import may
from serai.foundation.http.csv_files import csv_file
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of, page, respond, shared_page
from serai.foundation.id_text import parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.units.service import read_unit_acts
from serai.journey.cases.page_words import country_name, tax_titles, words_of
from serai.journey.dashboard.arrivals import ExpectedArrivals, read_expected_arrivals
from serai.journey.dashboard.csv_lists import PARCELS_COUNT_MAX, write_flights, write_parcels
from serai.journey.dashboard.flight import TransportUnit, read_unit
from serai.journey.dashboard.parcels import Asked, Parcels, read_parcels
from serai.journey.dashboard.statement import Statement, read_statement
from serai.journey.dashboard.statistics import Figures, read_statistics
from serai.journey.dashboard.waiting import Waiting, read_waiting
from serai.journey.decision.rules import SHOWN_LANES
from serai.journey.processing.transaction import Processor
from serai.journey.services import Services
from serai.journey.statistics.store import Connection, DashboardReader
from serai.journey.visibility.table import viewer_of
from serai.model.frames import STATUSES


@get("/", opt={"act": "public.read"}, include_in_schema=False)
async def show_home(request: Request[Any, Any, Any]) -> Response[Any]:
    """Lead whoever is signed in to where their work begins, in a demo to where there is something to see;
    show strangers what they can do here.
    """
    actor = actor_of(request)
    if actor.is_known and kit_of(request).pages.site.is_demo:
        return page(request, None, "dashboard/guide.html", more={"may": partial(may, actor)})
    if actor.is_known:
        address = _first_of(actor)
        return Response(None, status_code=303, headers={"location": address, "cache-control": "no-store"})
    kept = shared_page(request, "dashboard/home.html", "home", lambda: (None, {}))
    return page(request, None, "dashboard/home.html") if kept is None else kept


def _first_of(actor: Actor) -> str:
    """Return where the work of somebody begins; never a page that is not for them."""
    if may(actor, "tasks.read"):
        return "/queue"
    if may(actor, "permits.issue"):
        return "/permits"
    is_declarant = may(actor, "hearings.answer")
    return "/arrivals" if may(actor, "arrivals.read") and not is_declarant else "/parcels"


@get("/arrivals", opt={"act": "arrivals.read"}, include_in_schema=False)
async def show_expected_arrivals(request: Request[Any, Any, Any]) -> Response[ExpectedArrivals]:
    """Show what is in the air: each flight with time to landing, parcels decided, sums due, the few held."""
    return respond(request, await _read_arrivals(request), "dashboard/arrivals.html", more=_more(request))


@get("/arrivals/csv", opt={"act": "arrivals.read"}, include_in_schema=False)
async def download_arrivals(request: Request[Any, Any, Any]) -> Response[str]:
    """Give what is in the air as CSV."""
    return csv_file("arrivals.csv", write_flights((await _read_arrivals(request)).flights))


async def _read_arrivals(request: Request[Any, Any, Any]) -> ExpectedArrivals:
    kit = kit_of(request)
    async with kit.database.read(kit.administration_id) as connection:
        return await read_expected_arrivals(
            DashboardReader(connection, kit.administration_id),
            at=kit.clock.now(),
            party_id=_own_only(actor_of(request)),
            has_named=kit.pages.site.is_test and _own_only(actor_of(request)) is None,
            language=language_of(request),
        )


@get("/transport-units/{unit_id:str}", opt={"act": "arrivals.read"}, include_in_schema=False)
async def show_flight(request: Request[Any, Any, Any], unit_id: FromPath[str]) -> Response[TransportUnit]:
    """Show a flight, a bag or another transport unit: landing, totals, what is done and what is left."""
    kit = kit_of(request)
    actor = actor_of(request)
    async with kit.database.read(kit.administration_id) as connection:
        unit = await read_unit(
            DashboardReader(connection, kit.administration_id),
            parse_id(unit_id),
            party_id=_own_only(actor),
        )
        acts = (
            await read_unit_acts(provided(request, Processor), connection, parse_id(unit_id))
            if may(actor, "tasks.read")
            else []
        )
    more = {
        **_more(request),
        "words": words_of(language_of(request)),
        "may_see_queue": may(actor, "tasks.read"),
        "may_act": may(actor, "measures.take"),
        "acts": acts,
    }
    return respond(request, unit, "dashboard/flight.html", more=more)


@get("/statistics", opt={"act": "statistics.read"}, include_in_schema=False)
async def show_statistics(request: Request[Any, Any, Any]) -> Response[Figures]:
    """Show the flow of the last day in figures."""
    kit = kit_of(request)
    packs = (one.pack for one in provided(request, Processor).law.book.packs.values())
    titles = tax_titles(packs, language_of(request))
    async with kit.database.read(kit.administration_id) as connection:
        figures = await read_statistics(
            DashboardReader(connection, kit.administration_id),
            kit.metrics,
            titles,
            at=kit.clock.now(),
            language=language_of(request),
        )
    more = {**_more(request), "may": partial(may, actor_of(request))}
    return respond(request, figures, "dashboard/statistics.html", more=more)


@get("/parcels", opt={"act": "cases.list"}, include_in_schema=False)
async def show_parcels(
    request: Request[Any, Any, Any],
    *,
    search: FromQuery[str] = "",
    lane: FromQuery[str] = "",
    task: FromQuery[str] = "",
    status: FromQuery[str] = "",
    destination: FromQuery[str] = "",
    movement_id: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[Parcels]:
    """List parcels, newest first: by any number they have, by lane, status, destination or flight; for
    officers by why a person is asked."""
    kit = kit_of(request)
    asked = Asked(search.strip(), lane, task, status, destination.strip(), movement_id, before)
    async with kit.database.read(kit.administration_id) as connection:
        parcels = await read_parcels(
            DashboardReader(connection, kit.administration_id),
            asked,
            provided(request, Services).pseudonymiser,
            party_id=_own_only(actor_of(request)),
            language=language_of(request),
        )
        waiting = await _read_waiting(request, connection, asked)
        statement = await _read_statement(request, connection) if waiting is not None else None
    words = words_of(language_of(request))
    choices = {
        "waiting": waiting,
        "statement": statement,
        "lanes": SHOWN_LANES,
        "statuses": [(status, words.statuses[status]) for status in STATUSES],
        "tasks": [] if _own_only(actor_of(request)) else list(words.tasks.items()),
        "country_name": country_name,
        "unit_words": words.units,
    }
    return respond(request, parcels, "dashboard/parcels.html", more={**_more(request), **choices})


@get("/parcels/csv", opt={"act": "cases.list"}, include_in_schema=False)
async def download_parcels(
    request: Request[Any, Any, Any],
    *,
    search: FromQuery[str] = "",
    lane: FromQuery[str] = "",
    task: FromQuery[str] = "",
    status: FromQuery[str] = "",
    destination: FromQuery[str] = "",
    movement_id: FromQuery[str] = "",
) -> Response[str]:
    """Give the newest parcels of a list as CSV, ten thousand at most."""
    kit = kit_of(request)
    asked = Asked(search.strip(), lane, task, status, destination.strip(), movement_id)
    async with kit.database.read(kit.administration_id) as connection:
        found = await read_parcels(
            DashboardReader(connection, kit.administration_id),
            asked,
            provided(request, Services).pseudonymiser,
            party_id=_own_only(actor_of(request)),
            page_count=PARCELS_COUNT_MAX,
        )
    return csv_file("parcels.csv", write_parcels(found.parcels))


async def _read_waiting(
    request: Request[Any, Any, Any], connection: Connection, asked: Asked
) -> Waiting | None:
    """Return what waits for a party, where it opens its list; None: for whoever looks for something."""
    party_id = _own_only(actor_of(request))
    if party_id is None or asked != Asked() or not may(actor_of(request), "hearings.answer"):
        return None
    reader = DashboardReader(connection, kit_of(request).administration_id)
    return await read_waiting(reader, provided(request, Processor), connection, party_id)


async def _read_statement(request: Request[Any, Any, Any], connection: Connection) -> Statement:
    party_id, kit = _own_only(actor_of(request)), kit_of(request)
    assert party_id is not None, "a statement is of a party"
    return await read_statement(
        DashboardReader(connection, kit.administration_id),
        connection,
        party_id=party_id,
        administration_id=kit.administration_id,
        language=language_of(request),
    )


def _more(request: Request[Any, Any, Any]) -> dict[str, object]:
    return {"time_zone": provided(request, Settings).administration.time_zone}


def _own_only(actor: Actor) -> int | None:
    """Return the party whose parcels alone an actor sees; None for the administration, which sees all."""
    if viewer_of(actor).is_administration:
        return None
    assert actor.party_id is not None, "a key belongs to a party"
    return actor.party_id


ROUTES = [
    show_home, show_expected_arrivals, download_arrivals, show_flight, show_statistics, show_parcels,
    download_parcels,
]  # fmt: skip
