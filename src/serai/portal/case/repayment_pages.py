"""The page of what goes back in a case: whoever declared confirms an application that a return has brought,
or applies; an officer decides. Without a script."""

import datetime as dt
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.access.actor import Role
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.case_acts import find_case
from serai.journey.acts.repayment.api import RepaymentDecision, RepaymentRequest, act_on_decision, wanted_of
from serai.journey.acts.repayment.charged_twice import decide_by
from serai.journey.acts.repayment.service import Repayment, request_repayment, select_repayments
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.submission import sender_of
from serai.journey.finding_messages import RenderedFinding, sentence_of
from serai.journey.processing.transaction import Processor
from serai.journey.repayments.returned import EXAMINATION
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.frames import WITHDRAWN

_Request = Request[Any, Any, Any]
_WORDS_MAX: Final = 2_000


class RepaymentSeen(msgspec.Struct, frozen=True):
    """An application or what came of it. number: of a form about it, so that what is sent twice is one act.
    may_confirm, may_decide: what the reader may do about it. decide_by: of `charged_twice`."""

    act_id: str
    request_id: str
    state: str
    ground: str
    law_reference: str
    amount_minor: int
    currency_code: str
    at: Any
    number: str
    may_confirm: bool
    may_decide: bool
    decide_by: dt.date | None
    is_contrary_to_law: bool


class ConsignmentSeen(msgspec.Struct, frozen=True):
    """A consignment for which the reader may apply."""

    consignment_id: str
    reference: str


class ReturnDoubted(msgspec.Struct, frozen=True):
    """Goods that came back and may be others: what contradicts, and what to do."""

    at: Any
    differences: list[RenderedFinding]


class RepaymentPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. own: consignments that the reader declared. number: of the form to apply."""

    case_id: str
    repayments: list[RepaymentSeen]
    doubted: list[ReturnDoubted]
    own: list[ConsignmentSeen]
    number: str
    given: dict[str, str] = {}
    faults: list[dict[str, str]] = []


@get("/parcels/{case_id:str}/repayments", opt={"act": "repayments.read"}, include_in_schema=False)
async def show_repayments(request: _Request, case_id: FromPath[str]) -> Response[str]:
    """Show what goes back, what waits to be confirmed, and what was decided."""
    return await _page(request, parse_id(case_id), {})


@post(
    "/parcels/{case_id:str}/repayments",
    opt={"act": "repayments.request"},
    status_code=200,
    include_in_schema=False,
)
async def apply_on_page(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Confirm an application that is ready, or apply on another ground."""
    given, case = await _read(request), parse_id(case_id)

    async def apply() -> None:
        fields = {
            name: given[name] for name in ("reference", "draft", "ground", "consignment") if given.get(name)
        }
        asked = msgspec.convert(fields | {"reason": given.get("reason", "").strip()}, RepaymentRequest)
        await request_repayment(
            provided(request, Processor), sender_of(actor_of(request)), case, wanted_of(asked)
        )

    return await _do(request, case, given, apply)


@post(
    "/parcels/{case_id:str}/repayments/decision",
    opt={"act": "repayments.decide"},
    status_code=200,
    include_in_schema=False,
)
async def decide_on_page(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Grant an application, whole or in part, or refuse it."""
    given, case = await _read(request), parse_id(case_id)

    async def decide() -> None:
        fields: dict[str, Any] = {
            "reference": given.get("reference", ""),
            "request": given.get("request", ""),
            "is_granted": given.get("outcome") == "grant",
            "is_contrary_to_law": given.get("contrary") == "yes",
            "reason": given.get("reason", "").strip(),
        }
        if given.get("amount", "").strip():
            fields["amount"] = given["amount"].strip()
        await act_on_decision(request, case, msgspec.convert(fields, RepaymentDecision))

    return await _do(request, case, given, decide)


ROUTES = [show_repayments, apply_on_page, decide_on_page]


async def _read(request: _Request) -> dict[str, str]:
    form = await request.form()
    return {name: value[:_WORDS_MAX] for name, value in form.items() if isinstance(value, str)}


async def _do(request: _Request, case_id: int, given: dict[str, str], act: Any) -> Response[Any]:
    try:
        await act()
    except msgspec.ValidationError:
        incomplete = SeraiError(
            "form-incomplete", "The form is not whole.", "Open the page anew, and send it."
        )
        return await _page(request, case_id, given, fault=incomplete, status=422)
    except SeraiError as fault:
        if fault.code == "not-found":
            raise
        return await _page(request, case_id, given, fault=fault, status=409)
    location = f"/parcels/{format_id(case_id)}/repayments"
    return Response(None, status_code=303, headers={"location": location})


async def _page(
    request: _Request,
    case_id: int,
    given: dict[str, str],
    *,
    fault: SeraiError | None = None,
    status: int = 200,
) -> Response[str]:
    processor, actor = provided(request, Processor), actor_of(request)
    key = {"administration_id": processor.services.administration_id}

    async def work(connection: Any) -> tuple[list[Repayment], list[ConsignmentRow], list[Act]]:
        case = await find_case(processor, connection, sender_of(actor), case_id)
        return (
            await select_repayments(connection, case.root, **key),
            await consignment_store.select_consignments_of_cases(connection, [case.root], **key),
            [act for _, act in await select_standing_acts(connection, [case.root], [EXAMINATION], **key)],
        )

    found, rows, doubted = await processor.write(work)
    own = [
        ConsignmentSeen(format_id(one.consignment_id), one.reference)
        for one in rows
        if one.party_id == actor.party_id and one.status != WITHDRAWN
    ]
    zone = provided(request, Settings).administration.time_zone
    numbers = [format_id(one) for one in processor.services.ids.take(len(found) + 1).tolist()]
    view = RepaymentPage(
        case_id=format_id(case_id),
        repayments=[
            _seen(
                one,
                number,
                is_own=bool(own),
                is_officer=Role.OFFICER in actor.roles,
                by=decide_by(one, processor.services.country_code, zone),
            )
            for one, number in zip(found, numbers, strict=False)
        ],
        doubted=[_doubted(one, language_of(request)) for one in doubted],
        own=own,
        number=f"page-{numbers[-1]}",
        given=given,
        faults=[] if fault is None else [{"text": error_text(fault, language_of(request)), "href": "#repay"}],
    )
    more = {"time_zone": zone}
    return page(request, view, "portal/repayments.html", status=status, more=more)


def _doubted(act: Act, language: str) -> ReturnDoubted:
    found = msgspec.convert(act.parameters["differences"], list[Finding])
    return ReturnDoubted(act.at, [sentence_of(one, language) for one in found])


def _seen(
    one: Repayment, number: str, *, is_own: bool, is_officer: bool, by: dt.date | None
) -> RepaymentSeen:
    said = one.act.parameters
    return RepaymentSeen(
        act_id=format_id(one.act.act_id),
        request_id="" if one.request is None else format_id(one.request.act_id),
        state=one.state,
        ground=said["ground"],
        law_reference=one.act.law_reference or "",
        amount_minor=said["amount_minor"],
        currency_code=said["currency_code"],
        at=one.act.at,
        number=f"page-{number}",
        may_confirm=is_own and one.state == "drafted",
        may_decide=is_officer and one.request is not None and one.state in {"requested", "taken-back"},
        decide_by=by,
        is_contrary_to_law=bool(said.get("is_contrary_to_law", False)),
    )
