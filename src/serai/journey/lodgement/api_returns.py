"""HTTP for goods that come back: the return is kept with the case of its declaration."""

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from serai.foundation.http.document_routes import document_route, submission_route
from serai.foundation.http.respond import Include
from serai.journey.lodgement.api import answer_submission
from serai.journey.lodgement.withdrawals import Withdrawal, answer_withdrawal

_AnyRequest = Request[Any, Any, Any]


@submission_route(
    "/v1/returns",
    act="returns.submit",
    summary="Say which goods of a released declaration come back: one as JSON, many as NDJSON.",
)
async def submit_returns(request: _AnyRequest, include: Include = None) -> Response[Any]:
    """Kept with the case; a reply means durable. Duty, tax and allowance are not restored by it yet."""
    return await answer_submission(request, "return", include)


@document_route(
    "/v1/returns/{reference:str}/withdrawal",
    act="returns.submit",
    summary="Withdraw a return: the goods stay.",
)
async def withdraw_return(
    request: _AnyRequest,
    reference: FromPath[str],
    data: JSONBody[Withdrawal],
    include: Include = None,
) -> Response[Any]:
    """It counts no more in its case."""
    return await answer_withdrawal(request, "return", reference, data, include)


ROUTES = [submit_returns, withdraw_return]
