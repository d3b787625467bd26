"""The one place where errors become answers: a problem for machines, a calm page for people."""

import contextlib
from http import HTTPStatus
from typing import Any

import psycopg
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import Receive, Scope, Send
from psycopg_pool import PoolTimeout

from serai.foundation.database import error_of
from serai.foundation.http.decoding_faults import fault_of_decoding
from serai.foundation.http.guards import recognise_late
from serai.foundation.http.incidents import record_incident
from serai.foundation.http.kept_forms.answers import keep_form, may_be_kept
from serai.foundation.http.negotiation import HTML, JSON, choose_media_type
from serai.foundation.http.problems import (
    PROBLEM_MEDIA_TYPE,
    InputFault,
    InputFaultyError,
    Problem,
    problem_kind,
    problem_of,
    retry_after_s,
)
from serai.foundation.http.query_names import values_of
from serai.foundation.http.respond import kit_of, language_of, page_at_once
from serai.foundation.http.ways_on import way_on
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_OF_MANY = frozenset({"rate-limited", "busy"})


def answer_error(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    """Litestar's exception handler for everything; no stack trace, no text of something unexpected."""
    headers: dict[str, str] = {"cache-control": "no-store", "vary": "accept"}
    if isinstance(fault, SeraiError):
        error = fault
    elif isinstance(fault, HTTPException) and fault.status_code < 500:
        error = _error_of_framework(request, fault)
        headers |= fault.headers or {}
    elif (of_database := error_of(fault)) is not None:
        error = of_database
    else:
        error = record_incident(fault, kit_of(request).metrics)
    problem = problem_of(error, str(request.scope["state"].get("request_id", "")), language_of(request))
    if (seconds := retry_after_s(error)) is not None:
        headers["retry-after"] = str(seconds)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="serai"'
    if choose_media_type(request.headers.get("accept", ""), (JSON, HTML)) != HTML:
        return Response(problem, media_type=PROBLEM_MEDIA_TYPE, status_code=problem.status, headers=headers)
    if error.code == "sign-in-needed" and request.method == "GET":
        return _to_sign_in(request)
    if may_be_kept(request, error.code):
        return _KeptFormAnswer(request, problem, headers)
    if "actor" not in request.scope["state"]:
        return _LateAnswer(request, problem, headers)
    return _problem_page(request, problem, headers)


def _problem_page(
    request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str]
) -> Response[Any]:
    # What many are told at once must not cost more than what they asked for.
    shared = (problem.code, problem.detail, problem.next_step) if problem.code in _OF_MANY else None
    try:
        return page_at_once(
            request,
            problem,
            "problem.html",
            status=problem.status,
            headers=headers,
            shared=shared,
            more={"way_on": way_on(request) if problem.status == HTTPStatus.FORBIDDEN else None},
        )
    except Exception as fault:  # noqa: BLE001 - a broken template must not hide the first error
        record_incident(fault, kit_of(request).metrics)
        return Response(problem, media_type=PROBLEM_MEDIA_TYPE, status_code=problem.status, headers=headers)


class _LateAnswer(Response[Problem]):
    """A problem's page that is made once it is known who is signed in."""

    def __init__(self, request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str]) -> None:
        super().__init__(problem, media_type=PROBLEM_MEDIA_TYPE, status_code=problem.status, headers=headers)
        self._request, self._told = request, headers

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        """Return what recognises, makes the page and sends it."""

        async def send_page(scope: Scope, receive: Receive, send: Send) -> None:
            with contextlib.suppress(SeraiError, psycopg.Error, PoolTimeout):
                await recognise_late(self._request)
            made = _problem_page(self._request, self.content, self._told)
            await made.to_asgi_response(*args, **kwargs)(scope, receive, send)

        return send_page


class _KeptFormAnswer(Response[Problem]):
    """A form that fails for its session alone: it is kept, and its person led to where it comes back."""

    def __init__(self, request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str]) -> None:
        super().__init__(problem, media_type=PROBLEM_MEDIA_TYPE, status_code=problem.status, headers=headers)
        self._request, self._told = request, headers

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        """Return what keeps it and leads on; where it cannot be kept, the problem is told."""

        async def keep(scope: Scope, receive: Receive, send: Send) -> None:
            kept = None
            with contextlib.suppress(SeraiError, HTTPException, psycopg.Error, PoolTimeout):
                kept = await keep_form(self._request)
            if kept is None:
                answer = _problem_page(self._request, self.content, self._told)
            else:
                headers = {"location": kept.address, "cache-control": "no-store"}
                answer = Response(None, status_code=303, headers=headers, cookies=[kept.cookie])
            await answer.to_asgi_response(*args, **kwargs)(scope, receive, send)

        return keep


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    from_here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = kit_of(request).sign_in_address(from_here)
    return Response(None, status_code=303, headers={"location": address, "cache-control": "no-store"})


def _error_of_framework(request: Request[Any, Any, Any], fault: HTTPException) -> SeraiError:
    if isinstance(fault, ValidationException) or fault.status_code == HTTPStatus.BAD_REQUEST:
        return _input_faulty(request, fault)
    if fault.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (fault.headers or {}).get("allow", "")
        return SeraiError(
            "method-not-allowed",
            MessageText("{method} is not known at this address.", method=request.method),
            MessageText("It knows: {allowed}.", allowed=allowed) if allowed else "See the API's description.",
        )
    for error in (
        SeraiError(
            "not-found",
            "There is nothing at this address.",
            "Check the address, or start from the first page.",
        ),
        SeraiError(
            "body-too-large", "The body is larger than is read at this address.", "Send less at once."
        ),
        SeraiError(
            "content-type-unsupported",
            "This content type is not read here.",
            "See the API's description for what is.",
        ),
        SeraiError(
            "not-acceptable",
            "None of the formats you accept is offered.",
            "Accept application/json or text/html.",
        ),
        SeraiError("role-not-allowed", "This is not allowed.", "Ask the administration."),
        SeraiError("sign-in-needed", "A key or a sign-in is needed.", "Send a key, or sign in."),
        SeraiError("rate-limited", "Too many requests.", "Wait a moment."),
    ):
        if problem_kind(error.code).status == fault.status_code:
            return error
    return SeraiError("input-faulty", "The request cannot be read.", "See the API's description.")


def _input_faulty(request: Request[Any, Any, Any], fault: HTTPException) -> InputFaultyError:
    """Litestar names parameters in `extra`; for a body msgspec's sentence names the place."""
    faults = (
        tuple(_fault_of(request, extra) for extra in fault.extra) if isinstance(fault.extra, list) else ()
    )
    if not faults:
        sentence = str(fault.__cause__) if fault.__cause__ else "The request cannot be read."
        faults = (fault_of_decoding(sentence),)
    return InputFaultyError(
        faults,
        MessageText.counted(
            "{count} thing is not as documented.", "{count} things are not as documented.", count=len(faults)
        ),
        "Correct what 'errors' names and send it again.",
    )


def _fault_of(request: Request[Any, Any, Any], extra: Any) -> InputFault:
    source = extra.get("source", "body") if isinstance(extra, dict) else "body"
    key, message = (
        (extra.get("key", ""), extra.get("message", "")) if isinstance(extra, dict) else ("", str(extra))
    )
    place = getattr(source, "value", source)
    if place != "body":
        found = fault_of_decoding(message, values_of(request, key))
        return InputFault(f"{place}:{key}", found.code, found.sentence, found.remedy)
    found = fault_of_decoding(message)
    names = [part for part in key.replace("[", ".").replace("]", "").split(".") if part and part != "data"]
    pointer = found.pointer or "".join(f"/{name}" for name in names)
    return InputFault(pointer, found.code, found.sentence, found.remedy)
