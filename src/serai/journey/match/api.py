"""HTTP for what others than declarants know: orders, payments, transport documents; and taking them back."""

from typing import Any, Final

from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody

from serai.formats.registry import FORMATS
from serai.foundation.http.document_problems import NOT_TAKEN
from serai.foundation.http.filing import answer_filing
from serai.foundation.http.withdrawals import Withdrawal, answer_withdrawal

_MEDIA_TYPES: Final = tuple(
    name for form in ("json", "ndjson", "csv") for name in FORMATS[form].content_types
)
_AnyRequest = Request[Any, Any, Any]


@post(
    "/v1/orders",
    opt={"act": "orders.file"},
    status_code=200,
    responses=NOT_TAKEN,
    request_max_body_size=None,
    tags=["Filing"],
    summary="Send orders: one as JSON, many as NDJSON or CSV.",
)
async def file_orders(request: _AnyRequest) -> Response[Any]:
    """Keep and match what is sent; a reply means durable. The sender learns of its own document only."""
    return await answer_filing(request, "order", _MEDIA_TYPES)


@post(
    "/v1/payments",
    opt={"act": "payments.file"},
    status_code=200,
    responses=NOT_TAKEN,
    request_max_body_size=None,
    tags=["Filing"],
    summary="Send payments: one as JSON, many as NDJSON or CSV.",
)
async def file_payments(request: _AnyRequest) -> Response[Any]:
    """Keep and match what is sent; a reply means durable. The sender learns of its own document only."""
    return await answer_filing(request, "payment", _MEDIA_TYPES)


@post(
    "/v1/transport-documents",
    opt={"act": "transport_documents.file"},
    status_code=200,
    responses=NOT_TAKEN,
    request_max_body_size=None,
    tags=["Filing"],
    summary="Send house waybills or postal items: one as JSON, many as NDJSON or CSV.",
)
async def file_transport_documents(request: _AnyRequest) -> Response[Any]:
    """Keep and match what is sent; a reply means durable. The sender learns of its own document only."""
    return await answer_filing(request, "transport-document", _MEDIA_TYPES)


@post(
    "/v1/orders/{reference:str}/withdrawal",
    opt={"act": "orders.file"},
    status_code=200,
    responses=NOT_TAKEN,
    tags=["Filing"],
    summary="Withdraw an order.",
)
async def withdraw_order(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Withdrawal]
) -> Response[Any]:
    """It counts no more, and its case is decided again. After release: a request for an officer, and 409."""
    return await answer_withdrawal(request, "order", reference, data)


@post(
    "/v1/payments/{reference:str}/withdrawal",
    opt={"act": "payments.file"},
    status_code=200,
    responses=NOT_TAKEN,
    tags=["Filing"],
    summary="Withdraw a payment.",
)
async def withdraw_payment(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Withdrawal]
) -> Response[Any]:
    """It counts no more, and its case is decided again. After release: a request for an officer, and 409."""
    return await answer_withdrawal(request, "payment", reference, data)


@post(
    "/v1/transport-documents/{reference:str}/withdrawal",
    opt={"act": "transport_documents.file"},
    status_code=200,
    responses=NOT_TAKEN,
    tags=["Filing"],
    summary="Withdraw a transport document.",
)
async def withdraw_transport_document(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Withdrawal]
) -> Response[Any]:
    """It counts no more, and its case is decided again. After release: a request for an officer, and 409."""
    return await answer_withdrawal(request, "transport-document", reference, data)


ROUTES = [
    file_orders,
    file_payments,
    file_transport_documents,
    withdraw_order,
    withdraw_payment,
    withdraw_transport_document,
]
