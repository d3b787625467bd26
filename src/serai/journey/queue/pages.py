"""The queue's page, its counts, its list as CSV, taking and giving back, saved views."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from serai.formats.csv_rows import FORMULA_SIGNS
from serai.foundation.access.actor import Means
from serai.foundation.access.table import may
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, respond
from serai.foundation.id_text import parse_id
from serai.foundation.settings import Settings
from serai.journey.cases.page_words import words_of
from serai.journey.queue.asked import OWNERS, Asked
from serai.journey.queue.service import Queue, QueueService, Task
from serai.journey.queue.store import COUNT_MAX, Counted
from serai.model.errors import SeraiError
from serai.model.money import format_minor

_Request = Request[Any, Any, Any]
_READ: Final = {"act": "tasks.read"}
_TAKE: Final = {"act": "tasks.take"}
_ACCOUNT: Final = "account:"
_DONE = re.compile(r"(took|gave)-(\d{1,3})-of-(\d{1,3})")
_CSV_COLUMNS: Final = (
    "task_id",
    "case_id",
    "reference",
    "house_document",
    "mrn",
    "commodity_code",
    "value_amount",
    "currency_code",
    "why",
    "reason",
    "filer",
    "owner",
    "flight",
    "lands_at",
    "due_at",
    "consignee_country_code",
    "opened_at",
)


@get("/queue", opt=_READ, include_in_schema=False)
async def show_queue(
    request: _Request,
    *,
    why: FromQuery[str] = "",
    rule: FromQuery[str] = "",
    filer: FromQuery[str] = "",
    flight: FromQuery[str] = "",
    market: FromQuery[str] = "",
    owner: FromQuery[str] = "",
    after: FromQuery[str] = "",
    done: FromQuery[str] = "",
) -> Response[Queue]:
    """Show what needs a person, the soonest landing first."""
    asked = Asked(why, rule, filer, flight, market.strip(), owner, after)
    language, actor = language_of(request), actor_of(request)
    found = await provided(request, QueueService).read(
        asked, _account_id(request), actor.credential_id or "unknown", language
    )
    said = _DONE.fullmatch(done)
    more = {
        **_more(request),
        "done": None if said is None else (said[1], int(said[2]), int(said[3])),
        "owners": OWNERS,
        "task_words": words_of(language).tasks,
        "may_take": may(actor, "tasks.take") and _account_id(request) is not None,
    }
    return respond(request, found, "queue/queue.html", more=more)


@get("/queue/count", opt=_READ, include_in_schema=False)
async def show_count(
    request: _Request,
    *,
    why: FromQuery[str] = "",
    rule: FromQuery[str] = "",
    filer: FromQuery[str] = "",
    flight: FromQuery[str] = "",
    market: FromQuery[str] = "",
    owner: FromQuery[str] = "",
) -> Response[Counted]:
    """Show how much a filter of the queue lets through now: a part of the page, asked for again and again."""
    asked = Asked(why, rule, filer, flight, market.strip(), owner)
    counted = await provided(request, QueueService).count(asked, _account_id(request))
    return respond(request, counted, "queue/count.html", more=_more(request))


@get("/queue/csv", opt=_READ, include_in_schema=False)
async def download_queue(
    request: _Request,
    *,
    why: FromQuery[str] = "",
    rule: FromQuery[str] = "",
    filer: FromQuery[str] = "",
    flight: FromQuery[str] = "",
    market: FromQuery[str] = "",
    owner: FromQuery[str] = "",
) -> Response[str]:
    """Give the queue as CSV. Descriptions are left out: they are opened for one page, not for thousands."""
    asked = Asked(why, rule, filer, flight, market.strip(), owner)
    tasks = await provided(request, QueueService).read_list(asked, _account_id(request), language_of(request))
    headers = {
        "content-disposition": 'attachment; filename="queue.csv"',
        "cache-control": "no-store",
    }
    return Response(write_csv(tasks), media_type="text/csv; charset=utf-8", headers=headers)


@post("/queue/take", opt=_TAKE, status_code=303, include_in_schema=False)
async def take(request: _Request) -> Response[None]:
    """Take the selected tasks in hand."""
    task_ids, back = await _selected(request)
    took = await provided(request, QueueService).take(task_ids, _person(request))
    return _to_queue(back, f"took-{took}-of-{len(task_ids)}")


@post("/queue/give-back", opt=_TAKE, status_code=303, include_in_schema=False)
async def give_back(request: _Request) -> Response[None]:
    """Give the selected tasks back."""
    task_ids, back = await _selected(request)
    gave = await provided(request, QueueService).give_back(task_ids, _person(request))
    return _to_queue(back, f"gave-{gave}-of-{len(task_ids)}")


@post("/queue/views", opt=_READ, status_code=303, include_in_schema=False)
async def save_view(request: _Request) -> Response[None]:
    """Keep the filters of the page under a name, or forget a view."""
    form = await request.form()
    service, account_id = provided(request, QueueService), _person(request)
    query = str(form.get("back") or "")
    if forgotten := str(form.get("forget") or ""):
        await service.delete_view(forgotten, account_id)
    else:
        await service.save_view(str(form.get("name") or ""), query, account_id)
    return _to_queue(_own_query(query), "")


def write_csv(tasks: Sequence[Task]) -> str:
    """Write tasks as CSV. What a party wrote may begin like a formula: an apostrophe keeps it text."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(_CSV_COLUMNS)
    for one in tasks:
        value = ""
        if one.value_minor is not None and one.currency_code is not None:
            value = format_minor(one.value_minor, one.currency_code)
        cells = (
            one.task_id,
            one.case_id,
            one.reference,
            one.house_document or "",
            one.mrn,
            one.commodity_code,
            value,
            one.currency_code or "",
            one.why,
            one.reason,
            one.filer,
            one.owner,
            one.flight,
            "" if one.lands_at is None else one.lands_at.isoformat(),
            "" if one.due_at is None else one.due_at.isoformat(),
            one.market,
            one.opened_at.isoformat(),
        )
        rows.writerow([f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell for cell in cells])
    return out.getvalue()


async def _selected(request: _Request) -> tuple[list[int], str]:
    form = await request.form()
    task_ids = sorted({parse_id(str(one)) for one in form.getall("task", [])})
    return task_ids, _own_query(str(form.get("back") or ""))


def _own_query(query: str) -> str:
    """Return a query as far as the queue knows it: nothing else gets into the address."""
    known = {name: value for name, value in parse_qsl(query) if name in Asked.__struct_fields__}
    return Asked(**known).query()


def _to_queue(query: str, done: str) -> Response[None]:
    parts = "&".join(part for part in (query, f"done={done}" if done else "") if part)
    return Response(None, status_code=303, headers={"location": f"/queue?{parts}" if parts else "/queue"})


def _account_id(request: _Request) -> int | None:
    """Return the account of the person who asks; None for a key."""
    actor = actor_of(request)
    text = actor.credential_id or ""
    is_person = actor.means is Means.PAGE_SESSION and text.startswith(_ACCOUNT)
    return int(text.removeprefix(_ACCOUNT)) if is_person else None


def _person(request: _Request) -> int:
    account_id = _account_id(request)
    if account_id is None:
        raise SeraiError(
            "role-not-allowed",
            "Tasks and views belong to people, and a key is none.",
            "Sign in on the pages and do it there.",
        )
    return account_id


def _more(request: _Request) -> dict[str, object]:
    return {
        "time_zone": provided(request, Settings).administration.time_zone,
        "count_max": COUNT_MAX,
    }


ROUTES = [show_queue, show_count, download_queue, take, give_back, save_view]
