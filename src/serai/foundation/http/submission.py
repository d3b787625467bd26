"""How a room's routes hand a body of documents to processing, which they may not import."""

from collections.abc import Awaitable
from typing import Any, Protocol, cast

from litestar import Request, Response

_AnyRequest = Request[Any, Any, Any]


class AnswerSubmission(Protocol):
    """Reads a body of documents of one kind and answers in kind; `web/application.py` hands it over."""

    def __call__(self, request: _AnyRequest, kind: str) -> Awaitable[Response[Any]]:
        """Answer a filing."""
        ...


async def answer_submission(request: _AnyRequest, kind: str) -> Response[Any]:
    """Answer a filing of one kind of document with what the application was furnished with."""
    answer = cast("AnswerSubmission", request.app.state["answer_submission"])
    return await answer(request, kind)
