"""HTTP for goods that come back: the return is kept with the case of its declaration."""

from typing import Any, Final

from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody

from serai.formats.registry import FORMATS
from serai.foundation.http.document_problems import NOT_TAKEN
from serai.foundation.http.filing import answer_filing
from serai.foundation.http.withdrawals import Withdrawal, answer_withdrawal

_MEDIA_TYPES: Final = (*FORMATS["json"].content_types, *FORMATS["ndjson"].content_types)


@post(
    "/v1/returns",
    opt={"act": "returns.file"},
    status_code=200,
    responses=NOT_TAKEN,
    request_max_body_size=None,
    tags=["Filing"],
    summary="Say which goods of a released declaration come back: one as JSON, many as NDJSON.",
)
async def file_returns(request: Request[Any, Any, Any]) -> Response[Any]:
    """Kept with the case; a reply means durable. Duty, tax and allowance are not restored by it yet."""
    return await answer_filing(request, "return", _MEDIA_TYPES)


@post(
    "/v1/returns/{reference:str}/withdrawal",
    opt={"act": "returns.file"},
    status_code=200,
    responses=NOT_TAKEN,
    tags=["Filing"],
    summary="Withdraw a return: the goods stay.",
)
async def withdraw_return(
    request: Request[Any, Any, Any], reference: FromPath[str], data: JSONBody[Withdrawal]
) -> Response[Any]:
    """It counts no more in its case."""
    return await answer_withdrawal(request, "return", reference, data)


ROUTES = [file_returns, withdraw_return]
