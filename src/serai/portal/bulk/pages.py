"""Pages of one measure on many cases of the queue: choose, state, open the drawn sample, confirm. Without a
script; what is sent twice is done once, and what somebody has changed meanwhile is refused by itself."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from serai.foundation.http.form_faults import form_fault
from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.bulk.api import order_of
from serai.journey.acts.bulk.choosing import choose, exceptions_of, open_hearings, read_chosen
from serai.journey.acts.bulk.service import BulkDrawn, confirm, draw, limit_of, open_sample
from serai.journey.decision.rendered_reasons import render_named_reasons
from serai.journey.documents.submission import sender_of
from serai.journey.processing.rendered_decision import texts_of
from serai.journey.processing.transaction import Processor
from serai.journey.queue.asked import Asked
from serai.journey.queue.pages import account_of, own_query
from serai.journey.queue.service import QueueService
from serai.model.errors import SeraiError
from serai.portal.bulk.form import (
    BulkPage,
    SampleRow,
    choices_in,
    is_adverse,
    kind_of,
    read_bulk,
    read_lines,
    results_of,
    rows_of,
    unfit_fact,
)
from serai.portal.case.act_form import EXCEPTION_LABELS, LABELS

_Request = Request[Any, Any, Any]
_ACT: Final = {"act": "measures.take"}
_TEMPLATE: Final = "portal/bulk_act.html"
_WORDS_MAX: Final = 2_000
_LINES_MAX: Final = 100_000
_CHOOSE: Final = translatable("Choose a measure and its reason.")
_NOBODY_LEFT: Final = translatable("No case is left: choose others in the queue.")


@get("/bulk-acts", opt=_ACT, include_in_schema=False)
async def choose_all(
    request: _Request,
    *,
    why: FromQuery[str] = "",
    rule: FromQuery[str] = "",
    filer: FromQuery[str] = "",
    flight: FromQuery[str] = "",
    market: FromQuery[str] = "",
    owner: FromQuery[str] = "",
) -> Response[Any]:
    """Show the form for all that a filter of the queue lets through, as many as one may act on at once, the
    soonest landing first."""
    asked = Asked(why, rule, filer, flight, market.strip(), owner)
    queue = provided(request, QueueService)
    found_count, ids = await queue.find_consignments(asked, account_of(request), max(_limit(request), 1))
    return await _begin(request, asked.query(), rule, ids, found_count)


@post("/bulk-acts", opt=_ACT, status_code=200, include_in_schema=False)
async def send_bulk(request: _Request) -> Response[Any]:
    """Show the form for tasks that were selected in the queue; take what it states, and lead on."""
    form = await request.form()
    back = own_query(str(form.get("back") or ""))
    if "cases" not in form:
        asked = Asked(**dict(parse_qsl(back)))
        task_ids = sorted({parse_id(str(one)) for one in form.getall("task", [])})
        ids = await provided(request, QueueService).consignments_of(task_ids)
        return await _begin(request, back, asked.rule, ids, None)
    given = {
        name: value[: _LINES_MAX if name == "cases" else _WORDS_MAX].strip()
        for name, value in form.items()
        if isinstance(value, str) and name != "form_token"
    }
    if given.get("bulk"):
        return await _confirm(request, given, back)
    return await _state(request, given, back)


@post("/bulk-acts/{bulk:str}/sample/{case_id:str}", opt=_ACT, status_code=303, include_in_schema=False)
async def open_case_of_sample(
    request: _Request, bulk: FromPath[str], case_id: FromPath[str]
) -> Response[None]:
    """Note that a case of the sample is opened, and lead to it."""
    sender = sender_of(actor_of(request))
    await open_sample(provided(request, Processor), sender, parse_id(bulk), parse_id(case_id))
    return Response(None, status_code=303, headers={"location": f"/parcels/{case_id}"})


ROUTES = [choose_all, send_bulk, open_case_of_sample]


async def _begin(
    request: _Request, back: str, rule: str, consignment_ids: Sequence[int], found_count: int | None
) -> Response[Any]:
    """Show the form for the first of some consignments, as many as one may act on."""
    if not rule:
        return Response(None, status_code=303, headers={"location": f"/queue?{back}" if back else "/queue"})
    processor, limit = provided(request, Processor), _limit(request)
    async with processor.services.database.read(processor.services.administration_id) as connection:
        chosen = await choose(processor, connection, consignment_ids, rule)
    # The form's own number: sent twice, it is one act.
    number = format_id(int(processor.services.ids.take(1)[0]))
    given = {"reference": f"page-{number}", "rule": rule}
    view = _view(request, given, back)
    left_out = [one.reference for one in (*chosen.left_out, *chosen.rows[limit:])]
    lines = [(one.case_id, one.decision_id) for one in chosen.rows[:limit]]
    cases = rows_of(lines, {one.case_id: one.reference for one in chosen.rows}, given, {})
    return _page(request, replace(view, cases=cases, left_out=left_out, found_count=found_count))


async def _state(request: _Request, given: dict[str, str], back: str) -> Response[Any]:
    """Take the measure and its facts; draw the sample once all is said."""
    view = await _read(request, given, back, keeps_changed=False)
    words = interface_words(language_of(request))
    if not view.cases:
        return _page(request, replace(view, faults=_faults(words.gettext(_NOBODY_LEFT))), status=409)
    if not kind_of(given):
        return _page(request, replace(view, faults=_faults(words.gettext(_CHOOSE), "what")), status=422)
    if view.needs_facts and not given.get("asks_facts"):
        return _page(request, view)
    try:
        drawn, view = await _draw(request, view)
    except msgspec.ValidationError as fault:
        return _page(request, replace(view, faults=_told(request, fault)), status=422)
    except SeraiError as fault:
        is_unfit = fault.code == "bulk-facts-missing"
        told = _told(request, fault, unfit_fact(view.cases) if is_unfit else "bulk")
        return _page(request, replace(view, faults=told), status=422 if is_unfit else 409)
    return _page(request, _with_sample(view, drawn))


async def _draw(request: _Request, view: BulkPage) -> tuple[BulkDrawn, BulkPage]:
    """Draw the sample. A form that was changed after its sample was drawn is another act, with a sample of
    its own: nothing was done by the first."""
    processor, sender = provided(request, Processor), sender_of(actor_of(request))
    limits = provided(request, Settings).bulk_acts
    try:
        return await draw(processor, sender, order_of(read_bulk(view)), limits), view
    except SeraiError as fault:
        if fault.code != "reference-reused":
            raise
    number = format_id(int(processor.services.ids.take(1)[0]))
    view = replace(view, given=view.given | {"reference": f"page-{number}"})
    return await draw(processor, sender, order_of(read_bulk(view)), limits), view


async def _confirm(request: _Request, given: dict[str, str], back: str) -> Response[Any]:
    """Do what was confirmed; say of each case what became of it."""
    view = await _read(request, given, back, keeps_changed=True)
    processor, sender = provided(request, Processor), sender_of(actor_of(request))
    try:
        order = order_of(read_bulk(view))
    except msgspec.ValidationError as fault:
        return _page(request, replace(view, faults=_told(request, fault)), status=422)
    try:
        done = await confirm(processor, sender, parse_id(given["bulk"]), order)
    except SeraiError as fault:
        if fault.code == "not-found":
            raise
        faults = _told(request, fault)
        if fault.code != "bulk-sample-not-opened":
            return _page(request, replace(view, faults=faults), status=409)
        limits = provided(request, Settings).bulk_acts
        drawn = await draw(processor, sender, order, limits)
        return _page(request, _with_sample(replace(view, faults=faults), drawn), status=409)
    return _page(request, replace(view, results=results_of(done, view.cases, language_of(request))))


async def _read(request: _Request, given: dict[str, str], back: str, *, keeps_changed: bool) -> BulkPage:
    """Return the form with its cases. keeps_changed: with those of which another decision stands by now,
    which are refused by themselves; else they are left out, and told."""
    processor = provided(request, Processor)
    lines, kind = read_lines(given["cases"]), kind_of(given)
    hearings: dict[int, list[str]] = {}
    exceptions: list[str] = []
    async with processor.services.database.read(processor.services.administration_id) as connection:
        found = await read_chosen(processor, connection, lines)
        if is_adverse(kind):
            hearings = await open_hearings(processor, connection, found.rows, kind)
            exceptions = await exceptions_of(processor, connection, found.rows)
    changed = [] if keeps_changed else found.changed
    lines = [line for line in lines if line[0] not in set(changed)]
    return replace(
        _view(request, given, back),
        cases=rows_of(lines, found.references, given, hearings),
        changed=[found.references.get(one, format_id(one)) for one in changed],
        exceptions=exceptions,
        needs_facts=is_adverse(kind),
    )


def _view(request: _Request, given: dict[str, str], back: str) -> BulkPage:
    language, rule = language_of(request), given.get("rule", "")
    texts = texts_of(provided(request, Processor).law, language)
    said = render_named_reasons([rule], texts, "officer")
    return BulkPage(
        rule=rule,
        reason=said[0].sentence if said else rule,
        back=back,
        limit=_limit(request),
        cases=[],
        choices=choices_in(language),
        given=given,
    )


def _with_sample(view: BulkPage, drawn: BulkDrawn) -> BulkPage:
    names, opened = {one.case_id: one.reference for one in view.cases}, set(drawn.opened)
    sample = [SampleRow(one, names.get(one, one), one in opened) for one in drawn.sample]
    return replace(view, drawn=drawn, sample=sample)


def _limit(request: _Request) -> int:
    """Return on how many cases whoever asks may act at once."""
    limits = provided(request, Settings).bulk_acts
    return limit_of(frozenset(role.value for role in actor_of(request).roles), limits)


def _page(request: _Request, view: BulkPage, *, status: int = 200) -> Response[str]:
    more = {
        "labels": LABELS,
        "exceptions": EXCEPTION_LABELS,
        "time_zone": provided(request, Settings).administration.time_zone,
    }
    return page(request, view, _TEMPLATE, status=status, more=more)


def _told(
    request: _Request, fault: SeraiError | msgspec.ValidationError, field: str = "bulk"
) -> list[dict[str, str]]:
    return [form_fault(fault, language_of(request), field)]


def _faults(text: str, field: str = "bulk") -> list[dict[str, str]]:
    return [{"text": text, "href": f"#{field}"}]
