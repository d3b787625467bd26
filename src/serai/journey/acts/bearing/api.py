"""HTTP for declarations of bearing: whoever paid says to whom it was passed on."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.bearing.service import BearingDeclared, declare_bearing
from serai.journey.acts.case_acts import ActDone, read_amount
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor

_AnyRequest = Request[Any, Any, Any]


class BearingIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """To whom a payment was passed on. reference: the sender's own: the same again is harmless. payment: the
    act that recorded it. bearer_name, bearer_postcode, bearer_country_code: of the person; kept as personal
    data are. amount: decimal, what of duty and tax was passed on. fee_amount: a fee of the sender's own
    beside it, which is never duty or tax."""

    reference: Annotated[str, Meta(min_length=1, max_length=70)]
    payment: Annotated[str, Meta(min_length=1, max_length=40)]
    bearer_name: Annotated[str, Meta(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f]+$")]
    bearer_postcode: Annotated[str, Meta(max_length=35, pattern=r"^[^\x00-\x1f]*$")] = ""
    bearer_country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    currency_code: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    amount: Annotated[str, Meta(min_length=1, max_length=20)]
    fee_amount: Annotated[str, Meta(min_length=1, max_length=20)] | None = None


@post(
    "/v1/cases/{case_id:str}/bearing-declarations",
    opt={"act": "payments.record"},
    summary="Say to whom a payment of yours was passed on.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
)
async def post_bearing(
    request: _AnyRequest, case_id: FromPath[str], data: JSONBody[BearingIn]
) -> Response[ActDone]:
    """What is repaid one day goes to whoever bore it. For whoever paid, or an officer; taken back by
    `POST /v1/cases/{case_id}/acts`. A fee of one's own is told apart: it is never repaid as duty."""
    fee_minor = 0 if data.fee_amount is None else read_amount(data.currency_code, data.fee_amount)
    said = BearingDeclared(
        reference=data.reference,
        payment_act_id=parse_id(data.payment),
        name=data.bearer_name,
        postcode=data.bearer_postcode,
        country_code=data.bearer_country_code,
        currency_code=data.currency_code,
        amount_minor=read_amount(data.currency_code, data.amount),
        fee_minor=fee_minor,
    )
    done = await declare_bearing(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(case_id), said
    )
    return Response(done, status_code=201)


ROUTES = [post_bearing]
