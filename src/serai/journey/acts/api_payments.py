"""HTTP for payment records: what is due at the border was paid, put on account or secured."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts import payments
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.revenue.payment_recorded import PaymentRecorded

_AnyRequest = Request[Any, Any, Any]


class PaymentRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money paid, put on account or secured for one case. reference: the sender's own; amount: decimal."""

    reference: Annotated[str, Meta(min_length=1, max_length=70)]
    kind: Literal["paid", "on-account", "secured"]
    currency_code: Annotated[str, Meta(min_length=3, max_length=3)]
    amount: Annotated[str, Meta(min_length=1, max_length=20)]


@post(
    "/v1/cases/{case_id:str}/payment-records",
    opt={"act": "payments.record"},
    status_code=200,
    tags=["Settling"],
    summary="Mark what is due at the border as paid, on account or secured.",
)
async def mark_payment_status(
    request: _AnyRequest, case_id: FromPath[str], data: JSONBody[PaymentRecord]
) -> PaymentRecorded:
    """The parcel is decided again at once. Less than is due: it goes on waiting, and the answer says how much
    is missing."""
    return await payments.mark_payment_status(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        reference=data.reference,
        kind=data.kind,
        currency_code=data.currency_code,
        amount=data.amount,
    )


ROUTES = [mark_payment_status]
