"""HTTP for repayment and remission: what goes back in a case, applying for it, deciding on it."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, Problem
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id
from serai.foundation.settings import Settings
from serai.journey.acts.case_acts import ActDone, find_case
from serai.journey.acts.repayment.charged_twice import decide_by
from serai.journey.acts.repayment.service import (
    Repayment,
    RepaymentToDecide,
    State,
    Wanted,
    decide_repayment,
    read_number,
    request_repayment,
    select_repayments,
)
from serai.journey.acts.waiting_marks import OfficersMarks
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.repayments.repayment_law import RepaymentGround
from serai.model.documents import Decimal, Reference
from serai.model.money import format_minor

_AnyRequest = Request[Any, Any, Any]
_Number = Annotated[str, Meta(min_length=1, max_length=40)] | None


class RepaymentCharge(msgspec.Struct, frozen=True):
    """What of a charge is asked for, or was repaid. sequence_number 0: charged on the consignment."""

    sequence_number: int
    tax_type_code: str
    debtor: str
    amount: str


class RepaymentOut(msgspec.Struct, frozen=True):
    """An application for repayment and what came of it. act: the newest word on it; request: the application,
    which a decision names; draft: it is ready to be confirmed, under the number of its act. decide_by: the
    day by which an officer decides on tax that was charged twice; None: no such day runs. is_contrary_to_law:
    it was granted because the charge was: interest runs from the payment on."""

    act: str
    request: str | None
    state: State
    consignment: str | None
    ground: str
    law_reference: str
    amount: str
    currency_code: str
    charges: list[RepaymentCharge]
    at: dt.datetime
    decide_by: dt.date | None = None
    is_contrary_to_law: bool = False


class RepaymentsOut(msgspec.Struct, frozen=True):
    """What goes back, or may, in a case, oldest first."""

    repayments: list[RepaymentOut]


class RepaymentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An application. reference: the sender's own. draft: the application that is confirmed, and nothing else
    is said then; else ground and consignment, and what of it: one goods_item, an amount; not said: all that
    the law names. reason: in words, which are kept as a person's data are."""

    reference: Reference
    draft: _Number = None
    ground: RepaymentGround | None = None
    consignment: _Number = None
    goods_item: Annotated[int, Meta(ge=0, le=9_999)] | None = None
    amount: Decimal | None = None
    reason: Annotated[str, Meta(max_length=2_000)] = ""


class RepaymentDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An officer's word on an application. request: its act. amount: how much is granted; not said: all that
    is due. is_contrary_to_law: it finds that the charge was contrary to law, or carries out the outcome of an
    appeal that does: interest then runs from the payment on. reason: in words, which are kept as a person's
    data are."""

    reference: Reference
    request: Annotated[str, Meta(min_length=1, max_length=40)]
    is_granted: bool
    amount: Decimal | None = None
    is_contrary_to_law: bool = False
    reason: Annotated[str, Meta(max_length=2_000)] = ""


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        Problem, description=description, media_type=PROBLEM_MEDIA_TYPE, generate_examples=False
    )


@get(
    "/v1/cases/{case_id:str}/repayments",
    opt={"act": "repayments.read"},
    summary="What goes back in a case, or can be applied for.",
    responses={404: _problem("You have no such case")},
)
async def read_repayments(request: _AnyRequest, case_id: FromPath[str]) -> RepaymentsOut:
    """Applications that returns have brought and that wait to be confirmed; those that were lodged, and what
    was decided; what the administration repays of itself."""
    processor = provided(request, Processor)

    async def work(connection: Any) -> list[Repayment]:
        sender = sender_of(actor_of(request))
        case = await find_case(processor, connection, sender, read_number(case_id) or 0)
        return await select_repayments(
            connection, case.root, administration_id=processor.services.administration_id
        )

    found = await processor.write(work)
    country_code = processor.services.country_code
    zone = provided(request, Settings).administration.time_zone
    return RepaymentsOut([repayment_out(one, decide_by(one, country_code, zone)) for one in found])


@post(
    "/v1/cases/{case_id:str}/repayment-requests",
    opt={"act": "repayments.request"},
    status_code=200,
    summary="Apply for repayment or remission, or confirm an application that a return has brought.",
    responses={
        200: ResponseSpec(ActDone, description="It is lodged", generate_examples=False),
        403: _problem("Another has declared the goods"),
        404: _problem("You have no such case, or there is no such draft"),
        409: _problem("It was lodged before, or nothing is left"),
        422: _problem("It is too late, or not as it should be"),
    },
)
async def post_request(
    request: _AnyRequest, case_id: FromPath[str], data: JSONBody[RepaymentRequest]
) -> ActDone:
    """By who declared the goods, or by a mandate of theirs. An officer gets a task, and decides. The same
    application again changes nothing."""
    return await request_repayment(
        provided(request, Processor),
        sender_of(actor_of(request)),
        read_number(case_id) or 0,
        wanted_of(data),
    )


@post(
    "/v1/cases/{case_id:str}/repayment-decisions",
    opt={"act": "repayments.decide"},
    status_code=200,
    summary="An officer grants an application for repayment, or refuses it.",
    responses={
        200: ResponseSpec(ActDone, description="It is decided", generate_examples=False),
        404: _problem("There is no such application"),
        409: _problem("It was decided before, or nothing is left"),
        422: _problem("It is not as it should be"),
    },
)
async def post_decision(
    request: _AnyRequest, case_id: FromPath[str], data: JSONBody[RepaymentDecision]
) -> Response[Any]:
    """What is granted is taken off the charges before any payment is: what was paid for them is due back to
    whoever paid, and goes by a refund order; what nobody has paid is owed no more. Never more than is left of
    a charge. An officer's word may need a second person: then it waits, 202."""
    return await act_on_decision(request, read_number(case_id) or 0, data)


ROUTES: Final = [read_repayments, post_request, post_decision]


def wanted_of(data: RepaymentRequest) -> Wanted:
    """Return what an application asks. Raises SeraiError `not-found` for a number that is none."""
    return Wanted(
        reference=data.reference,
        draft=read_number(data.draft),
        ground=data.ground,
        consignment=read_number(data.consignment),
        goods_item=data.goods_item,
        amount=data.amount,
        reason=data.reason,
    )


async def act_on_decision(request: _AnyRequest, case_id: int, data: RepaymentDecision) -> Response[Any]:
    """Decide, or write the decision down where it waits for a second person. Errors as `decide_repayment`."""
    order = RepaymentToDecide(
        sender=sender_of(actor_of(request)),
        case_id=case_id,
        request_id=read_number(data.request) or 0,
        reference=data.reference,
        is_granted=data.is_granted,
        amount=data.amount,
        reason=data.reason,
        is_contrary_to_law=data.is_contrary_to_law,
    )
    propose = provided(request, OfficersMarks).propose
    if propose is not None:
        word = "granted" if data.is_granted else "refused"
        subject = f"case {format_id(case_id)}"
        return await propose(request, order, subject, f"repayment {data.request} {word}")
    return Response(await decide_repayment(provided(request, Processor), order))


def repayment_out(one: Repayment, by: dt.date | None) -> RepaymentOut:
    """Return an application as it is told. by: when an officer decides on it, of `charged_twice`."""
    said, currency = one.act.parameters, one.act.parameters["currency_code"]
    first = said["charges"][0][0] if said["charges"] else None
    return RepaymentOut(
        act=format_id(one.act.act_id),
        request=None if one.request is None else format_id(one.request.act_id),
        state=one.state,
        consignment=None if first is None else format_id(int(first)),
        ground=said["ground"],
        law_reference=one.act.law_reference or "",
        amount=format_minor(said["amount_minor"], currency),
        currency_code=currency,
        charges=[
            RepaymentCharge(number, tax_type, debtor, format_minor(amount, currency))
            for _, number, tax_type, debtor, amount in said["charges"]
        ],
        at=one.act.at,
        decide_by=by,
        is_contrary_to_law=bool(said.get("is_contrary_to_law", False)),
    )
