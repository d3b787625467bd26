"""HTTP for goods that come back: the return is kept with the case of its declaration."""

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath, JSONBody

from serai.foundation.http.document_routes import document_route, submission_route
from serai.journey.lodgement.api import answer_submission
from serai.journey.lodgement.withdrawals import Withdrawal, answer_withdrawal


@submission_route(
    "/v1/returns",
    act="returns.submit",
    summary="Say which goods of a released declaration come back: one as JSON, many as NDJSON.",
)
async def submit_returns(request: Request[Any, Any, Any]) -> Response[Any]:
    """Kept with the case; a reply means durable. Duty, tax and allowance are not restored by it yet."""
    return await answer_submission(request, "return")


@document_route(
    "/v1/returns/{reference:str}/withdrawal",
    act="returns.submit",
    summary="Withdraw a return: the goods stay.",
)
async def withdraw_return(
    request: Request[Any, Any, Any], reference: FromPath[str], data: JSONBody[Withdrawal]
) -> Response[Any]:
    """It counts no more in its case."""
    return await answer_withdrawal(request, "return", reference, data)


ROUTES = [submit_returns, withdraw_return]
