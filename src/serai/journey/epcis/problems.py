"""Problems in the words of EPCIS: `type` is one of its exceptions, and beside it stands what Serai says."""

from typing import Any, Final

import msgspec
from litestar import Request, Response

from serai.foundation.http.error_edge import answer_error
from serai.foundation.http.problems import InputFault, Problem
from serai.foundation.http.respond import language_of
from serai.journey.finding_messages import finding_out
from serai.model.findings import FindingOut

_EXCEPTIONS: Final = {
    "epcis-query-not-valid": "QueryParameterException",
    "epcis-query-too-large": "QueryTooLargeException",
    400: "ValidationException",
    401: "SecurityException",
    403: "SecurityException",
    409: "ResourceAlreadyExistsException",
    404: "NoSuchNameException",
    413: "CaptureLimitExceededException",
    414: "URITooLongException",
}


class EpcisProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem (RFC 9457). type: an exception of EPCIS 2.0. code: ours, with a page. findings: all."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    next_step: str
    request_id: str = ""
    incident: str = ""
    errors: tuple[InputFault, ...] = ()
    findings: list[FindingOut] = []


def answer_epcis_error(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    """Litestar's exception handler for the routes of EPCIS; people get the page they always get."""
    answer = answer_error(request, fault)
    if not isinstance(answer.content, Problem):
        return answer
    problem: Problem = answer.content
    name = _EXCEPTIONS.get(problem.code) or _EXCEPTIONS.get(problem.status, "ImplementationException")
    answer.content = EpcisProblem(
        **{**msgspec.structs.asdict(problem), "type": f"epcisException:{name}"},
        findings=[finding_out(one, language_of(request)) for one in getattr(fault, "findings", ())],
    )
    return answer
