"""Pages of groups of parcels that may be one order: those that wait, one with its parcels, the verdict."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.http.form_faults import form_fault
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page, respond
from serai.foundation.id_text import parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.split_shipments.api import SplitGroupPage, SplitVerdict
from serai.journey.acts.split_shipments.service import SplitGroup, decide_group, read_group, read_groups
from serai.journey.cases.page_words import words_of
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.model.errors import SeraiError

_Request = Request[Any, Any, Any]
_ADDRESS: Final = "/split-shipments"
_ONE: Final = "portal/split_shipment.html"
_LABELS: Final = {"reason": translatable("Reason")}


@get(_ADDRESS, opt={"act": "split-shipments.read"}, include_in_schema=False)
async def show_groups(request: _Request) -> Response[SplitGroupPage]:
    """Show the groups that wait for an officer."""
    found = SplitGroupPage(await read_groups(provided(request, Processor), ["open"]))
    return respond(request, found, "portal/split_shipments.html", more=_more(request))


@get(_ADDRESS + "/{group_id:str}", opt={"act": "split-shipments.read"}, include_in_schema=False)
async def show_one(request: _Request, group_id: FromPath[str]) -> Response[SplitGroup]:
    """Show a group: its parcels, why they were put together, and the form of the verdict."""
    found = await read_group(provided(request, Processor), parse_id(group_id))
    return respond(request, found, _ONE, more=_more(request))


@post(
    _ADDRESS + "/{group_id:str}/verdict",
    opt={"act": "split-shipments.decide"},
    status_code=200,
    include_in_schema=False,
)
async def decide(request: _Request, group_id: FromPath[str]) -> Response[Any]:
    """Take the verdict that the form names."""
    processor, number = provided(request, Processor), parse_id(group_id)
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    body = {"verdict": form.get("verdict", ""), "reason": form.get("reason", "").strip()}
    try:
        said = msgspec.convert(body, SplitVerdict)
        await decide_group(
            processor,
            sender_of(actor_of(request)),
            number,
            verdict=said.verdict,
            reason=said.reason,
        )
    except (msgspec.ValidationError, SeraiError) as fault:
        if isinstance(fault, SeraiError) and fault.code == "not-found":
            raise
        return await _again(request, number, form, fault)
    return Response(None, status_code=303, headers={"location": f"{_ADDRESS}/{group_id}"})


async def _again(
    request: _Request, group_id: int, given: dict[str, str], fault: SeraiError | msgspec.ValidationError
) -> Response[Any]:
    found = await read_group(provided(request, Processor), group_id)
    place = "reason" if given.get("verdict") else "verdict"
    told = form_fault(fault, language_of(request), place, _LABELS)
    more = {**_more(request), "given": given, "faults": [told]}
    return page(request, found, _ONE, status=422, more=more)


def _more(request: _Request) -> dict[str, object]:
    return {
        "given": {},
        "statuses": words_of(language_of(request)).statuses,
        "faults": [],
        "time_zone": provided(request, Settings).administration.time_zone,
    }


ROUTES = [show_groups, show_one, decide]
