"""HTTP for acts on a case: what is due at the border was paid or secured, an earlier act is taken back, a
document belongs to it or does not."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.access.actor import Role
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.case_acts import (
    ActDone,
    determine_value,
    join_possible_match,
    mark_payment_status,
    part_possible_match,
    reverse_act,
    settle_custody,
)
from serai.journey.acts.waiting_marks import ActToReverse, OfficersMarks, PaymentToRecord, Propose
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.revenue.payment_recorded import PaymentRecorded

_AnyRequest = Request[Any, Any, Any]
_Reference = Annotated[str, Meta(min_length=1, max_length=70)]
_Expected = Annotated[str, Meta(min_length=1, max_length=40)] | None


class PaymentRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money paid, put on account or secured for one case. reference: the sender's own; amount: decimal.
    account: the debtor's, on which it is put or secured; needed where a mandate says so.

    expected_decision_id: the decision you have read; refused if it does not stand any more.
    """

    reference: _Reference
    kind: Literal["paid", "on-account", "secured"]
    currency_code: Annotated[str, Meta(min_length=3, max_length=3)]
    amount: Annotated[str, Meta(min_length=1, max_length=20)]
    account: Annotated[str, Meta(min_length=1, max_length=70)] | None = None
    expected_decision_id: _Expected = None


class CaseAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An earlier act is taken back. reference: the sender's own. reverses: number of the act. reason: in
    words, which are kept as a person's data are.

    expected_decision_id: the decision you have read; refused if it does not stand any more.
    """

    reference: _Reference
    kind: Literal["reversal"]
    reverses: Annotated[str, Meta(min_length=1, max_length=40)]
    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")]
    reason: Annotated[str, Meta(max_length=512)] = ""
    expected_decision_id: _Expected = None


@post(
    "/v1/cases/{case_id:str}/payment-records",
    opt={"act": "payments.record"},
    status_code=200,
    tags=["Settling"],
    summary="Mark what is due at the border as paid, on account or secured.",
    responses={
        200: ResponseSpec(PaymentRecorded, description="What is due, and missing", generate_examples=False)
    },
)
async def record_payment(
    request: _AnyRequest, case_id: FromPath[str], data: JSONBody[PaymentRecord]
) -> Response[Any]:
    """The parcel is decided again at once. Less than is due: it goes on waiting, and the answer says how much
    is missing. An officer's word may need a second person: then it waits, 202."""
    sender, expected = sender_of(actor_of(request)), _id(data.expected_decision_id)
    given = {
        name: getattr(data, name) for name in ("reference", "kind", "currency_code", "amount", "account")
    }
    propose = _propose_of(request)
    if propose is not None:
        mark = PaymentToRecord(sender, parse_id(case_id), **given, expected_decision_id=expected)
        detail = f"{data.kind} {data.amount} {data.currency_code}"
        return await propose(request, mark, f"case {case_id}", detail)
    recorded = await mark_payment_status(
        provided(request, Processor), sender, parse_id(case_id), **given, expected_decision_id=expected
    )
    return Response(recorded)


@post(
    "/v1/cases/{case_id:str}/acts",
    opt={"act": "payments.record"},
    tags=["Settling"],
    summary="Take back an act on a case, such as a payment that did not go through.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
)
async def do_act(request: _AnyRequest, case_id: FromPath[str], data: JSONBody[CaseAct]) -> Response[Any]:
    """By the party that did it, or an officer. The parcel is decided again at once; what was released stays
    released, and an officer looks at it. An officer's word may need a second person: then it waits, 202."""
    sender, act_id = sender_of(actor_of(request)), parse_id(data.reverses)
    given = {name: getattr(data, name) for name in ("reference", "reason_code", "reason")}
    expected = _id(data.expected_decision_id)
    propose = _propose_of(request)
    if propose is not None:
        mark = ActToReverse(sender, parse_id(case_id), act_id, **given, expected_decision_id=expected)
        detail = f"act {data.reverses} is taken back: {data.reason_code}"
        return await propose(request, mark, f"case {case_id}", detail)
    done = await reverse_act(
        provided(request, Processor),
        sender,
        parse_id(case_id),
        act_id=act_id,
        **given,
        expected_decision_id=expected,
    )
    return Response(done)


class Joining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a document belongs to a case. reason: in words, which are kept as a person's data are."""

    reason: Annotated[str, Meta(min_length=1, max_length=512)]


@post(
    "/v1/cases/{case_id:str}/possible-matches/{document:str}/joining",
    opt={"act": "matches.join"},
    status_code=200,
    tags=["Following"],
    summary="An officer's word: this document belongs to this case.",
)
async def join_match(
    request: _AnyRequest, case_id: FromPath[str], document: FromPath[str], data: JSONBody[Joining]
) -> ActDone:
    """The task is closed, the document counts from now on, and the case is decided again. Taken back by
    `POST /v1/cases/{case_id}/acts`, it counts no more."""
    return await join_possible_match(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        document_id=parse_id(document),
        reason=data.reason,
    )


class Parting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a document does not belong to a case. reason: in words, which are kept as a person's data are."""

    reason: Annotated[str, Meta(min_length=1, max_length=512)]


@post(
    "/v1/cases/{case_id:str}/possible-matches/{document:str}/parting",
    opt={"act": "matches.part"},
    status_code=200,
    tags=["Following"],
    summary="An officer's word: this document does not belong to this case.",
)
async def part_match(
    request: _AnyRequest, case_id: FromPath[str], document: FromPath[str], data: JSONBody[Parting]
) -> ActDone:
    """The task is closed, and the document is not offered for this case again. It goes on waiting: once a
    number of it is amended, it counts where that fits."""
    return await part_possible_match(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        document_id=parse_id(document),
        reason=data.reason,
    )


def _propose_of(request: _AnyRequest) -> Propose | None:
    """Return what writes an officer's mark down that waits for a second person; None: it is done at once."""
    is_officer = Role.OFFICER in actor_of(request).roles
    return provided(request, OfficersMarks).propose if is_officer else None


class CustodyWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer found. reason: in words, which are kept as a person's data are."""

    reason: Annotated[str, Meta(min_length=1, max_length=512)]


@post(
    "/v1/cases/{case_id:str}/custody/closure",
    opt={"act": "custody.settle"},
    status_code=200,
    tags=["Following"],
    summary="An officer's word: events of who does not hold the goods were looked at.",
)
async def close_custody(request: _AnyRequest, case_id: FromPath[str], data: JSONBody[CustodyWord]) -> ActDone:
    """The task is closed. Which events count stays as it is; an event of the administration changes that."""
    return await settle_custody(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(case_id), reason=data.reason
    )


class ValueWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The price of all goods of the case that is used. reference: the sender's own; amount: decimal in
    currency_code, that of the declaration. reason: in words, which are kept as a person's data are.
    """

    reference: _Reference
    currency_code: Annotated[str, Meta(min_length=3, max_length=3)]
    amount: Annotated[str, Meta(min_length=1, max_length=20)]
    reason: Annotated[str, Meta(min_length=1, max_length=512)]


@post(
    "/v1/cases/{case_id:str}/value-determinations",
    opt={"act": "values.determine"},
    status_code=200,
    tags=["Following"],
    summary="An officer's word: which price of the goods is used.",
)
async def record_value(request: _AnyRequest, case_id: FromPath[str], data: JSONBody[ValueWord]) -> ActDone:
    """Where order or payment contradict the declared value: the declared price, or another. The parcel is
    decided again at once; the act is taken back as a payment record is."""
    return await determine_value(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        **{name: getattr(data, name) for name in ("reference", "currency_code", "amount", "reason")},
    )


def _id(text: str | None) -> int | None:
    return None if text is None else parse_id(text)


ROUTES = [record_payment, do_act, join_match, part_match, close_custody, record_value]
