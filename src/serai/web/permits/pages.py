"""Pages of permits: an agency's own, and the page on which a permit is named for goods of a case."""

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from serai.app import Node
from serai.foundation.access.table import may
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import error_text, text_in
from serai.foundation.http.problems import problem_kind
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.case_acts import find_case
from serai.journey.documents.submission import sender_of
from serai.journey.permits import store
from serai.journey.permits.opening import opening_rules
from serai.journey.permits.wording import PermitTerms
from serai.model.errors import SeraiError
from serai.web.administering_api import AnyRequest, reader_of
from serai.web.permits.permits_api import (
    BroughtPermit,
    NamedPermit,
    PermitOut,
    permit_out,
    permit_with_draws,
    post_case_permit,
    post_permit,
    post_permit_revocation,
    post_signed_permit,
    whose_permits,
)

_SHOWN_MAX: Final = 200
_FAULTY: Final = 422
_LETTERS_MAX: Final = 200_000


class PermitsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of permits shows. may_issue: the reader is an agency; given: what was typed."""

    permits: list[PermitOut]
    may_issue: bool
    may_bring: bool
    given: dict[str, str] = {}
    faults: list[dict[str, str]] = []


class AgencyOfRule(msgspec.Struct, frozen=True):
    """An agency, and the documents that its permits are named as."""

    agency: str
    documents: list[str]


class NamingView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows on which a permit is named. reference: the form's own, so that what is sent twice
    is one act."""

    case_id: str
    reference: str
    agencies: list[AgencyOfRule]
    given: dict[str, str] = {}
    faults: list[dict[str, str]] = []


@get("/permits", opt={"act": "permits.read"}, include_in_schema=False)
async def show_permits(request: AnyRequest) -> Response[str]:
    """Show permits: an agency those that it has issued, a party those that it holds, the administration
    all."""
    return await _page(request)


@post("/permits", opt={"act": "permits.issue"}, status_code=200, include_in_schema=False)
async def issue_on_page(request: AnyRequest) -> Response[Any]:
    """Issue the permit that the form states."""
    given = await _typed(request)
    zone = ZoneInfo(provided(request, Node).settings.administration.time_zone)
    try:
        terms = msgspec.convert(_terms(given, zone), PermitTerms)
        await post_permit.fn(request, terms)
    except (msgspec.ValidationError, ValueError, SeraiError) as fault:
        return await _page(request, given, _say(request, fault), "number")
    return _to("/permits")


@post("/permits/signed", opt={"act": "permits.bring"}, status_code=200, include_in_schema=False)
async def bring_on_page(request: AnyRequest) -> Response[Any]:
    """Take a permit as an agency signed it."""
    given = await _typed(request)
    try:
        brought = msgspec.convert({"signed": given.get("signed", "")}, BroughtPermit)
        await post_signed_permit.fn(request, brought)
    except (msgspec.ValidationError, SeraiError) as fault:
        return await _page(request, given, _say(request, fault), "signed")
    return _to("/permits")


@get("/permits/{number:str}", opt={"act": "permits.issue"}, include_in_schema=False)
async def show_permit(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """Show one of an agency's permits, and what was written off of it."""
    actor, node, administration_id = reader_of(request)
    found = await permit_with_draws(node, actor, number, administration_id)
    return page(request, found, "portal/permit.html", more=_more(node))


@post(
    "/permits/{number:str}/revocation",
    opt={"act": "permits.issue"},
    status_code=200,
    include_in_schema=False,
)
async def revoke_on_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """Revoke a permit: nothing more is written off of it."""
    await post_permit_revocation.fn(request, number)
    return _to("/permits")


@get("/parcels/{case_id:str}/permits", opt={"act": "permits.present"}, include_in_schema=False)
async def show_naming(request: AnyRequest, case_id: FromPath[str]) -> Response[str]:
    """Show the form on which a permit is named for goods of a case."""
    return await _naming(request, case_id)


@post(
    "/parcels/{case_id:str}/permits",
    opt={"act": "permits.present"},
    status_code=200,
    include_in_schema=False,
)
async def name_on_page(request: AnyRequest, case_id: FromPath[str]) -> Response[Any]:
    """Name a permit, and lead back to the case."""
    given = await _typed(request)
    item = given.get("goods_item", "")
    names = ("reference", "document_code", "number", "signed", "identity_number")
    body: dict[str, Any] = {name: given[name] for name in names if given.get(name)}
    body["goods_item"] = int(item) if item.isascii() and item.isdigit() and len(item) < 5 else 0
    try:
        await post_case_permit.fn(request, case_id, msgspec.convert(body, NamedPermit))
    except msgspec.ValidationError:
        said = text_in(
            translatable("State the goods item, the document, and the permit's number or its signed text."),
            language_of(request),
        )
        return await _naming(request, case_id, given, said)
    except SeraiError as fault:
        if fault.code == "not-found":
            raise
        language = language_of(request)
        title = text_in(problem_kind(fault.code).title, language)
        return await _naming(request, case_id, given, f"{title}: {error_text(fault, language)}")
    return _to(f"/parcels/{case_id}")


ROUTES = [
    show_permits,
    issue_on_page,
    bring_on_page,
    show_permit,
    revoke_on_page,
    show_naming,
    name_on_page,
]


async def _page(
    request: AnyRequest, given: dict[str, str] | None = None, said: str = "", field: str = ""
) -> Response[str]:
    actor, node, administration_id = reader_of(request)
    async with node.database.read(administration_id) as connection:
        found = await store.select_permits(
            connection,
            **whose_permits(actor),
            after_id=0,
            limit=_SHOWN_MAX,
            administration_id=administration_id,
        )
    at = node.clock.now()
    view = PermitsView(
        permits=[permit_out(one, at) for one in found],
        may_issue=may(actor, "permits.issue"),
        may_bring=may(actor, "permits.bring"),
        given=given or {},
        faults=[{"text": said, "href": f"#{field}"}] if said else [],
    )
    return page(request, view, "portal/permits.html", status=_FAULTY if said else 200, more=_more(node))


async def _naming(
    request: AnyRequest, case_id: str, given: dict[str, str] | None = None, said: str = ""
) -> Response[str]:
    node = provided(request, Node)
    sender, key = sender_of(actor_of(request)), {"administration_id": node.administration_id}
    async with node.database.write() as connection:
        # Whoever has no part in the case learns nothing of it.
        case = await find_case(node.processor, connection, sender, parse_id(case_id))
        remits = await store.select_remits(connection, **key)
    rules = opening_rules(node.processor.law.book)
    documents: dict[str, set[str]] = {}
    for remit in remits:
        opened = {code for code, its in rules.items() if any(one.rule_id == remit.rule_id for one in its)}
        documents.setdefault(remit.name, set()).update(opened)
    typed = given or {}
    view = NamingView(
        case_id=format_id(case.root),
        reference=typed.get("reference") or f"PERMIT-{format_id(int(node.ids.take(1)[0]))}",
        agencies=[AgencyOfRule(name, sorted(its)) for name, its in sorted(documents.items())],
        given=typed,
        faults=[{"text": said, "href": "#number"}] if said else [],
    )
    return page(request, view, "portal/permit_name.html", status=_FAULTY if said else 200)


async def _typed(request: AnyRequest) -> dict[str, str]:
    form = await request.form()
    return {name: value.strip()[:_LETTERS_MAX] for name, value in form.items() if isinstance(value, str)}


def _terms(given: dict[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """Return what a form states, as the API takes it. Raises ValueError for what is no day."""
    identity = given.get("identity_number", "")
    days = [dt.date.fromisoformat(given.get(name, "")) for name in ("valid_from", "valid_to")]
    first, end = days[0], days[1] + dt.timedelta(days=1)
    names = ("number", "type_code", "quantity", "quantity_unit_code", "value", "currency_code")
    return {
        **{name: given[name] for name in names if given.get(name)},
        "holder": {"kind": "person", "identity_number": identity} if identity else {"kind": "bearer"},
        "commodity_codes": given.get("commodity_codes", "").split(),
        "territory_codes": given.get("territory_codes", "").upper().split(),
        "valid_from": dt.datetime.combine(first, dt.time(), zone).isoformat(),
        "valid_to": dt.datetime.combine(end, dt.time(), zone).isoformat(),
    }


def _say(request: AnyRequest, fault: Exception) -> str:
    if isinstance(fault, SeraiError):
        return error_text(fault, language_of(request))
    said = translatable("Fill in number, document and both days, and look again.")
    return text_in(said, language_of(request))


def _to(address: str) -> Response[None]:
    return Response(None, status_code=303, headers={"location": address})


def _more(node: Node) -> dict[str, object]:
    return {"time_zone": node.settings.administration.time_zone}
