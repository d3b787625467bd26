"""The queue's page, its counts, its list as CSV, taking and giving back, saved views."""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from serai.formats.csv_tables import write_table
from serai.foundation.access.actor import Means
from serai.foundation.access.table import may
from serai.foundation.http.csv_files import csv_file
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, respond
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.cases.page_words import words_of
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.queue.asked import OWNERS, Asked
from serai.journey.queue.service import Hands, Queue, QueueService, Task
from serai.journey.queue.store import COUNT_MAX, Counted
from serai.model.errors import SeraiError
from serai.model.money import format_minor

_Request = Request[Any, Any, Any]
_READ: Final = {"act": "tasks.read"}
_TAKE: Final = {"act": "tasks.take"}
_ACCOUNT: Final = "account:"
_ASSIGN: Final = {"act": "tasks.assign"}
_NAME_MAX: Final = 70
_NUMBER_MAX: Final = 20
_DONE = re.compile(r"(took|gave|assigned)-(\d{1,3})-of-(\d{1,3})")
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
_HANDS_COLUMNS: Final = (
    "officer",
    "tasks_count",
    "landing_within_two_hours_count",
    "overdue_count",
    "next_landing_at",
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
        asked, account_of(request), actor.credential_id or "unknown", language
    )
    said = _DONE.fullmatch(done)
    may_assign = may(actor, "tasks.assign") and may(actor, "measures.take")
    more = {
        **_more(request),
        "done": None if said is None else (said[1], int(said[2]), int(said[3])),
        "owners": OWNERS,
        "task_words": words_of(language).tasks,
        "may_take": may(actor, "tasks.take") and account_of(request) is not None,
        "number": _form_number(request),
        "officers": await provided(request, QueueService).officers() if may_assign else [],
        "may_see_hands": may(actor, "tasks.assign"),
        "may_see_groups": may(actor, "split-shipments.read"),
        "may_act_on_many": may(actor, "measures.take"),
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
    counted = await provided(request, QueueService).count(asked, account_of(request))
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
    tasks = await provided(request, QueueService).read_list(asked, account_of(request), language_of(request))
    return csv_file("queue.csv", write_csv(tasks))


@post("/queue/take", opt=_TAKE, status_code=303, include_in_schema=False)
async def take(request: _Request) -> Response[None]:
    """Take the selected tasks in hand."""
    _person(request)
    return await _assign(request, actor_of(request).display_name, "took")


@post("/queue/give-back", opt=_TAKE, status_code=303, include_in_schema=False)
async def give_back(request: _Request) -> Response[None]:
    """Give the selected tasks back."""
    _person(request)
    return await _assign(request, None, "gave")


@post("/queue/assign", opt=_ASSIGN, status_code=303, include_in_schema=False)
async def assign(request: _Request) -> Response[None]:
    """Give the selected tasks to another officer, whoever has them."""
    form = await request.form()
    name = str(form.get("assigned_to") or "").strip()
    if not name or len(name) > _NAME_MAX:
        raise SeraiError("input-faulty", "No officer is named.", "Choose one of the list.")
    return await _assign(request, name, "assigned")


@get("/queue/hands", opt=_ASSIGN, include_in_schema=False)
async def show_hands(request: _Request) -> Response[Hands]:
    """Show who has what in hand."""
    found = await provided(request, QueueService).read_hands()
    return respond(request, found, "queue/hands.html", more=_more(request))


@get("/queue/hands/csv", opt=_ASSIGN, include_in_schema=False)
async def download_hands(request: _Request) -> Response[str]:
    """Give who has what in hand as CSV."""
    found = await provided(request, QueueService).read_hands()
    rows = [
        (
            one.officer,
            str(one.tasks_count),
            str(one.soon_count),
            str(one.overdue_count),
            "" if one.next_landing_at is None else one.next_landing_at.isoformat(),
        )
        for one in found.officers
    ]
    return csv_file("hands.csv", write_table(_HANDS_COLUMNS, rows))


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
    return _to_queue(own_query(query), "")


def write_csv(tasks: Sequence[Task]) -> str:
    """Write tasks as CSV."""
    return write_table(_CSV_COLUMNS, (_cells(one) for one in tasks))


def _cells(one: Task) -> tuple[str, ...]:
    value = ""
    if one.value_minor is not None and one.currency_code is not None:
        value = format_minor(one.value_minor, one.currency_code)
    return (
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


async def _assign(request: _Request, assigned_to: str | None, done: str) -> Response[None]:
    """Put the selected tasks into somebody's hands, or nobody's, and lead back to the queue."""
    form = await request.form()
    task_ids = sorted({parse_id(str(one)) for one in form.getall("task", [])})
    # The form's own number: sent twice, it is the same acts.
    number = str(form.get("number") or "")[:_NUMBER_MAX] or _form_number(request)
    count = await provided(request, QueueService).assign(
        task_ids, sender_of(actor_of(request)), assigned_to, f"queue-{done}-{number}"
    )
    return _to_queue(own_query(str(form.get("back") or "")), f"{done}-{count}-of-{len(task_ids)}")


def _form_number(request: _Request) -> str:
    return format_id(int(provided(request, Processor).services.ids.take(1)[0]))


def own_query(query: str) -> str:
    """Return a query as far as the queue knows it: nothing else gets into the address."""
    known = {name: value for name, value in parse_qsl(query) if name in Asked.__struct_fields__}
    return Asked(**known).query()


def _to_queue(query: str, done: str) -> Response[None]:
    parts = "&".join(part for part in (query, f"done={done}" if done else "") if part)
    return Response(None, status_code=303, headers={"location": f"/queue?{parts}" if parts else "/queue"})


def account_of(request: _Request) -> int | None:
    """Return the account of the person who asks; None for a key."""
    actor = actor_of(request)
    text = actor.credential_id or ""
    is_person = actor.means is Means.PAGE_SESSION and text.startswith(_ACCOUNT)
    return int(text.removeprefix(_ACCOUNT)) if is_person else None


def _person(request: _Request) -> int:
    account_id = account_of(request)
    if account_id is None:
        raise SeraiError(
            "person-needed",
            "Tasks and views belong to people, and a key is none.",
            "Sign in on the pages and do it there.",
        )
    return account_id


def _more(request: _Request) -> dict[str, object]:
    return {
        "time_zone": provided(request, Settings).administration.time_zone,
        "count_max": COUNT_MAX,
    }


ROUTES = [
    show_queue, show_count, download_queue, take, give_back, assign, show_hands, download_hands, save_view,
]  # fmt: skip
