"""HTTP for what others than declarants know: orders, payments, transport documents, arrivals; and withdrawing
them."""

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from serai.foundation.http.document_routes import document_route, submission_route
from serai.foundation.http.respond import Include
from serai.journey.lodgement.api import answer_submission
from serai.journey.lodgement.withdrawals import Withdrawal, answer_withdrawal

_AnyRequest = Request[Any, Any, Any]


@submission_route(
    "/v1/orders", act="orders.submit", summary="Send orders: one as JSON, many as NDJSON or CSV."
)
async def submit_orders(request: _AnyRequest, include: Include = None) -> Response[Any]:
    """Keep and match what is sent; a reply means durable. The sender learns of its own document only."""
    return await answer_submission(request, "order", include)


@submission_route(
    "/v1/payments", act="payments.submit", summary="Send payments: one as JSON, many as NDJSON or CSV."
)
async def submit_payments(request: _AnyRequest, include: Include = None) -> Response[Any]:
    """Keep and match what is sent; a reply means durable. The sender learns of its own document only."""
    return await answer_submission(request, "payment", include)


@submission_route(
    "/v1/transport-documents",
    act="transport_documents.submit",
    summary="Send house waybills or postal items: one as JSON, many as NDJSON or CSV.",
)
async def submit_transport_documents(request: _AnyRequest, include: Include = None) -> Response[Any]:
    """Keep and match what is sent; a reply means durable. The sender learns of its own document only."""
    return await answer_submission(request, "transport-document", include)


@submission_route(
    "/v1/arrivals",
    act="arrivals.submit",
    summary="Report what has arrived: a movement, master document, receptacle or house document.",
)
async def report_arrivals(request: _AnyRequest, include: Include = None) -> Response[Any]:
    """One as JSON, many as NDJSON. When the answer comes, every parcel on it has been decided again."""
    return await answer_submission(request, "arrival", include)


@document_route("/v1/orders/{reference:str}/withdrawal", act="orders.submit", summary="Withdraw an order.")
async def withdraw_order(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Withdrawal], include: Include = None
) -> Response[Any]:
    """It counts no more, and its case is decided again. After release: a request for an officer, and 409."""
    return await answer_withdrawal(request, "order", reference, data, include)


@document_route(
    "/v1/payments/{reference:str}/withdrawal", act="payments.submit", summary="Withdraw a payment."
)
async def withdraw_payment(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Withdrawal], include: Include = None
) -> Response[Any]:
    """It counts no more, and its case is decided again. After release: a request for an officer, and 409."""
    return await answer_withdrawal(request, "payment", reference, data, include)


@document_route(
    "/v1/transport-documents/{reference:str}/withdrawal",
    act="transport_documents.submit",
    summary="Withdraw a transport document.",
)
async def withdraw_transport_document(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Withdrawal], include: Include = None
) -> Response[Any]:
    """It counts no more, and its case is decided again. After release: a request for an officer, and 409."""
    return await answer_withdrawal(request, "transport-document", reference, data, include)


ROUTES = [
    submit_orders,
    submit_payments,
    submit_transport_documents,
    report_arrivals,
    withdraw_order,
    withdraw_payment,
    withdraw_transport_document,
]
