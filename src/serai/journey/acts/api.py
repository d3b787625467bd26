"""HTTP for acts on a case: what is due at the border was paid or secured, an earlier act is taken back, a
document belongs to it or does not, an officer takes a measure."""

import asyncio
import datetime as dt
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.access.actor import Role
from serai.foundation.access.table import require
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.case_acts import (
    ActDone,
    join_possible_match,
    mark_payment_status,
    part_possible_match,
    settle_custody,
)
from serai.journey.acts.examinations.second import Counting
from serai.journey.acts.hearings import answer_hearing, receive_hearing
from serai.journey.acts.measures import (
    MeasureOrder,
    Reversal,
    answer_question,
    check_measure,
    open_hearing,
    open_hearing_of_reversal,
    reverse_measure,
    take_measure,
)
from serai.journey.acts.waiting_marks import (
    ActToReverse,
    MeasureToTake,
    OfficersMarks,
    PaymentToRecord,
    Propose,
)
from serai.journey.documents.proofs import BODY_BYTES_MAX, decode_base64, read_proof
from serai.journey.documents.submission import Sender, sender_of
from serai.journey.measure_rules.hearing_rules import ANSWERED, NOTIFIED, OPENED
from serai.journey.measure_rules.measure_law import (
    CounterForm,
    ExaminationResult,
    faulty,
    shipped_measure_rules,
)
from serai.journey.processing.transaction import Processor
from serai.journey.revenue.payment_recorded import PaymentRecorded
from serai.model.acts import MEASURES
from serai.model.message_text import MessageText

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


_Number = Annotated[str, Meta(min_length=1, max_length=40)] | None
_Decimal = Annotated[str, Meta(min_length=1, max_length=20)] | None
_Codes = Annotated[list[Annotated[str, Meta(pattern="^[0-9]{6,14}$")]], Meta(min_length=1, max_length=20)]
_Origins = Annotated[list[Annotated[str, Meta(pattern="^[A-Z]{2}$")]], Meta(min_length=1, max_length=20)]
ORDER_KINDS: Final = ("reversal", "information-given", OPENED, NOTIFIED, ANSWERED, *MEASURES)
"""What is done by `POST /v1/cases/{case_id}/acts`."""


class CaseAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act on a case. reference: the sender's own. reason: in words, which are kept as a person's data are.

    reversal: an earlier act is taken back (reverses: its number; form: of an officer's measure).
    information-given: an officer's question is answered (answers: its number; reason: the answer).
    hearing-opened: an officer says what adverse measure is meant (intended_kind, and what it would state).
    hearing-notified, hearing-answered: the declarant knows of it, or says something in it (hearing: its
    number). All else are measures of officers; which field each states is in
    `docs/how-to/take-a-measure.md`.
    expected_decision_id: the decision you have read; refused if it does not stand any more. A measure that
    changes the decision names it.
    """

    reference: _Reference
    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")] | None = None
    reason: Annotated[str, Meta(max_length=2_000)] = ""
    expected_decision_id: _Expected = None
    reverses: _Number = None
    form: CounterForm | None = None
    answers: _Number = None
    consignment: _Number = None
    goods_item: Annotated[int, Meta(ge=1, le=9_999)] | None = None
    commodity_code: Annotated[str, Meta(pattern="^[0-9]{6,14}$")] | None = None
    origin_country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    quantity: _Decimal = None
    currency_code: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None
    amount: _Decimal = None
    result_code: ExaminationResult | None = None
    gross_mass_kg: _Decimal = None
    second_of: _Number = None
    counting: Counting | None = None
    assigned_to: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,70}$")] | None = None
    due_at: Annotated[dt.datetime, Meta(tz=True)] | None = None
    account: Annotated[str, Meta(min_length=1, max_length=70)] | None = None
    possible_commodity_codes: _Codes | None = None
    possible_origins: _Origins | None = None
    highest_price: _Decimal = None
    security: _Number = None
    intended_kind: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    hearing: _Number = None
    exception_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")] | None = None
    more_follows: bool = False


@post(
    "/v1/cases/{case_id:str}/payment-records",
    opt={"act": "payments.record"},
    status_code=200,
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
    opt={"act": "cases.act"},
    summary="Act on a case: a measure of an officer, an answer to what he asks, an earlier act taken back.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
)
async def do_act(request: _AnyRequest, case_id: FromPath[str], data: JSONBody[CaseAct]) -> Response[Any]:
    """The parcel is decided again at once where the act bears on it. Measures are for officers; an answer is
    for whoever has a part in the case; an act is taken back by the party that did it, or an officer: what
    was released stays released. What needs a second person waits, 202."""
    return await act_on_case(request, parse_id(case_id), data)


async def act_on_case(request: _AnyRequest, case: int, data: CaseAct) -> Response[Any]:
    """Do what was sent, by whichever door: 201 where it is done, 202 where it waits for a second person."""
    sender, processor = sender_of(actor_of(request)), provided(request, Processor)
    if data.kind == "reversal":
        return await _reverse(request, sender, case, data)
    if data.kind == "information-given":
        require(actor_of(request), "information.give")
        return _done(await _answer(processor, sender, case, data))
    if data.kind in (NOTIFIED, ANSWERED):
        require(actor_of(request), "hearings.answer")
        return _done(await _be_heard(processor, sender, case, data))
    if data.kind not in (OPENED, *MEASURES):
        raise faulty(MessageText("See to it that kind is one of {listed}.", listed=", ".join(ORDER_KINDS)))
    require(actor_of(request), "measures.take")
    if data.kind == OPENED:
        return _done(await _open_hearing(processor, sender, case, data))
    return await _measure(request, sender, case, data)


def _done(act: ActDone) -> Response[ActDone]:
    return Response(act, status_code=201)


async def _measure(request: _AnyRequest, sender: Sender, case_id: int, data: CaseAct) -> Response[Any]:
    processor, order = provided(request, Processor), order_of(data, data.kind)
    if not shipped_measure_rules().measure(order.kind).needs_second_person:
        return _done(await take_measure(processor, sender, case_id, order))
    await check_measure(processor, sender, case_id, order)
    propose = provided(request, OfficersMarks).always
    detail = f"{order.kind}: {order.reason_code}"
    return await propose(request, MeasureToTake(sender, case_id, order), f"case {format_id(case_id)}", detail)


async def _open_hearing(processor: Processor, sender: Sender, case_id: int, data: CaseAct) -> ActDone:
    if data.intended_kind == "reversal":
        return await open_hearing_of_reversal(processor, sender, case_id, _reversal_of(data))
    if data.intended_kind not in MEASURES:
        raise faulty(
            MessageText(
                "See to it that intended_kind is reversal or one of {listed}.", listed=", ".join(MEASURES)
            )
        )
    return await open_hearing(processor, sender, case_id, order_of(data, data.intended_kind))


async def _be_heard(processor: Processor, sender: Sender, case_id: int, data: CaseAct) -> ActDone:
    if data.hearing is None:
        raise faulty("See to it that hearing names the act that opened it.")
    hearing_id = parse_id(data.hearing)
    if data.kind == NOTIFIED:
        return await receive_hearing(
            processor, sender, case_id, hearing_id=hearing_id, reference=data.reference
        )
    if not data.reason:
        raise faulty("See to it that reason is what you say in the hearing.")
    return await answer_hearing(
        processor,
        sender,
        case_id,
        hearing_id=hearing_id,
        reference=data.reference,
        answer=data.reason,
        more_follows=data.more_follows,
    )


class GivenDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document that an officer has asked for: a picture (JPEG, PNG) or a plain PDF of at most five
    megabytes. reference: the sender's own: the same again is harmless. answers: the act that asks. content:
    base64."""

    reference: _Reference
    answers: Annotated[str, Meta(min_length=1, max_length=40)]
    content: Annotated[str, Meta(min_length=1, max_length=7_100_000)]


@post(
    "/v1/cases/{case_id:str}/proofs",
    opt={"act": "information.give"},
    summary="Send the document that an officer has asked for: a picture or a plain PDF.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
    request_max_body_size=BODY_BYTES_MAX,
)
async def give_document(
    request: _AnyRequest, case_id: FromPath[str], data: JSONBody[GivenDocument]
) -> Response[ActDone]:
    """Judged by its content. It is kept among the personal data of the case, and answers the question.
    Officers read it by `GET /v1/cases/{case_id}/proofs/{act}`."""
    content = await asyncio.to_thread(decode_base64, data.content)
    return _done(
        await send_document(
            request, parse_id(case_id), reference=data.reference, answers=data.answers, content=content
        )
    )


async def send_document(
    request: _AnyRequest, case_id: int, *, reference: str, answers: str, content: bytes
) -> ActDone:
    """Answer an officer's question by a document, by whichever door. Raises SeraiError as `read_proof` and
    `answer_question`."""
    return await answer_question(
        provided(request, Processor),
        sender_of(actor_of(request)),
        case_id,
        reference=reference,
        question_id=parse_id(answers),
        answer=await asyncio.to_thread(read_proof, content),
    )


def _reversal_of(data: CaseAct) -> Reversal:
    if data.reverses is None or data.reason_code is None:
        raise faulty("See to it that reverses names the act that is taken back, and reason_code says why.")
    return Reversal(
        parse_id(data.reverses),
        data.reference,
        data.reason_code,
        data.reason,
        _id(data.expected_decision_id),
        data.form,
        _id(data.hearing),
        data.exception_code,
    )


async def _reverse(request: _AnyRequest, sender: Sender, case_id: int, data: CaseAct) -> Response[Any]:
    require(actor_of(request), "payments.record")
    back = _reversal_of(data)
    propose = _propose_of(request)
    if propose is not None:
        mark = ActToReverse(sender, case_id, back)
        detail = f"act {data.reverses} is taken back: {data.reason_code}"
        return await propose(request, mark, f"case {format_id(case_id)}", detail)
    return _done(await reverse_measure(provided(request, Processor), sender, case_id, back))


async def _answer(processor: Processor, sender: Sender, case_id: int, data: CaseAct) -> ActDone:
    if data.answers is None or not data.reason:
        raise faulty("See to it that answers names the act that asks, and reason is the answer.")
    return await answer_question(
        processor,
        sender,
        case_id,
        reference=data.reference,
        question_id=parse_id(data.answers),
        answer=data.reason,
    )


def order_of(data: CaseAct, kind: str) -> MeasureOrder:
    """Return the measure that an officer orders, or means. Raises SeraiError `measure-faulty`,
    `not-found`."""
    if data.reverses is not None or data.form is not None or data.answers is not None:
        raise faulty("See to it that a measure takes no act back and answers none.")
    same = {name: getattr(data, name) for name in MeasureOrder.__struct_fields__ if hasattr(data, name)}
    same["expected_decision_id"] = _id(data.expected_decision_id)
    given = {**same, "kind": kind, "consignment_id": _id(data.consignment), "hearing_id": _id(data.hearing)}
    return MeasureOrder(**given)


class Joining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a document belongs to a case. reason: in words, which are kept as a person's data are."""

    reason: Annotated[str, Meta(min_length=1, max_length=512)]


@post(
    "/v1/cases/{case_id:str}/possible-matches/{document:str}/joining",
    opt={"act": "matches.join"},
    status_code=200,
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
    summary="An officer's word: events of who does not hold the goods were looked at.",
)
async def close_custody(request: _AnyRequest, case_id: FromPath[str], data: JSONBody[CustodyWord]) -> ActDone:
    """The task is closed. Which events count stays as it is; an event of the administration changes that."""
    return await settle_custody(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(case_id), reason=data.reason
    )


def _id(text: str | None) -> int | None:
    return None if text is None else parse_id(text)


ROUTES = [record_payment, do_act, give_document, join_match, part_match, close_custody]
