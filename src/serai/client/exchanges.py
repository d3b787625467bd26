"""What is asked and how the answer is read: said once, for the client that waits and for the other.

An exchange is a generator: it yields a `Call`, is sent the `Reply`, and returns the result.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote

import msgspec

from serai.client.answers import Answer, EventPage, FindingIn, ProblemIn
from serai.client.patience import AGAIN
from serai.client.unanswered import RetryLaterError
from serai.model.errors import SeraiError

Kind = Literal["declaration", "order", "payment", "transport-document", "arrival", "return"]
Document = msgspec.Struct | Mapping[str, Any] | bytes

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
ROUTES: Final[dict[Kind, str]] = {
    "declaration": "/v1/declarations",
    "order": "/v1/orders",
    "payment": "/v1/payments",
    "transport-document": "/v1/transport-documents",
    "arrival": "/v1/arrivals",
    "return": "/v1/returns",
}

_TEXTS: Final = {"include": "text"}
"""Whoever reads an answer here is a person, or writes it down for one."""

Result = TypeVar("Result")


class Call(msgspec.Struct, frozen=True):
    """A request. Every one may be sent again: a repeated filing gets the stored answer.

    tells: statuses that are an answer, not a failure. waits_s: how long the server may take by itself.
    after_s: pause before it is made.
    """

    method: str
    path: str
    query: dict[str, str] = {}
    content: bytes | None = None
    content_type: str = JSON
    accept: str = JSON
    headers: dict[str, str] = {}
    tells: frozenset[int] = frozenset({200, 201, 204})
    waits_s: float = 0
    after_s: float = 0


class Reply(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    content: bytes


Exchange = Generator[Call, Reply, Result]

_TOLD: Final = frozenset({200, 201, 409, 422, 500})
_NOT_ACCEPTED_AGAIN: Final = 5


class _Refused(msgspec.Struct, frozen=True):
    """A problem that tells what became of one document."""

    code: str
    detail: str = ""
    next_step: str = ""
    outcome: str = ""
    reference: str = ""
    version: int | None = None
    findings: list[FindingIn] = []


class _Line(Answer, frozen=True):
    """A line of many: an answer, or the trailer, or what stopped the stream."""

    status: str = ""
    complete: bool = False


def encode(document: Document) -> bytes:
    """Write a document as JSON; bytes are taken as they are."""
    return document if isinstance(document, bytes) else msgspec.json.encode(document)


def submit_one(kind: Kind, document: Document, *, content_type: str = JSON) -> Exchange[Answer]:
    """File one document. content_type: of bytes that are not JSON, such as a WCO declaration."""
    call = Call(
        "POST",
        ROUTES[kind],
        query=_TEXTS,
        content=encode(document),
        content_type=content_type,
        tells=_TOLD,
    )
    reply = yield call
    if reply.status < 300:
        return _decode(reply, Answer)
    told = _decode(reply, _Refused)
    if not told.outcome:
        raise problem_error(reply)
    problem = ProblemIn(told.code, told.detail, told.next_step)
    return Answer(told.outcome, told.reference, version=told.version, findings=told.findings, problem=problem)


def submit_batch(kind: Kind, documents: Sequence[Document]) -> Exchange[list[Answer]]:
    """File some documents with one request; one answer each, in order.

    Those that an overloaded server did not accept are sent again, some times. Raises `answer-cut-off` where
    the server stopped in the middle: what it had answered is durable, and the whole batch may be sent again.
    """
    answers = yield from _submit_lines(kind, documents, after_s=0)
    for _ in range(_NOT_ACCEPTED_AGAIN):
        places = [place for place, answer in enumerate(answers) if answer.status == "not-accepted"]
        if not places:
            break
        asked_s = [_asked_s(answers[place]) for place in places]
        again = yield from _submit_lines(kind, [documents[place] for place in places], after_s=max(asked_s))
        for place, answer in zip(places, again, strict=True):
            answers[place] = answer
    return answers


def submit_table(kind: Kind, content: bytes, content_type: str) -> Exchange[list[Answer]]:
    """File the documents of a table (CSV); one answer each, in order. Raises `answer-cut-off`."""
    reply = yield Call(
        "POST", ROUTES[kind], query=_TEXTS, content=content, content_type=content_type, accept=NDJSON
    )
    return _read_lines(reply)


def _submit_lines(kind: Kind, documents: Sequence[Document], *, after_s: float) -> Exchange[list[Answer]]:
    lines = b"".join(encode(one) + b"\n" for one in documents)
    reply = yield Call(
        "POST", ROUTES[kind], query=_TEXTS, content=lines, content_type=NDJSON, accept=NDJSON, after_s=after_s
    )
    answers = _read_lines(reply)
    if len(answers) != len(documents):
        raise _cut_off()
    return answers


def _read_lines(reply: Reply) -> list[Answer]:
    try:
        read = [msgspec.json.decode(line, type=_Line) for line in reply.content.splitlines() if line]
    except msgspec.MsgspecError as fault:
        raise _cut_off() from fault
    if not read or not read[-1].complete:
        raise _cut_off()
    return list(read[:-1])


def _asked_s(answer: Answer) -> float:
    return 1.0 if answer.problem is None else float(answer.problem.retry_after_s or 1)


def ask_quote(request: Mapping[str, Any]) -> Exchange[dict[str, Any]]:
    """Ask what a parcel will cost."""
    reply = yield Call("POST", "/v1/quotes", content=msgspec.json.encode(request))
    return _decode(reply, dict[str, Any])


def read_events(after: str | None, *, limit: int, wait_s: float) -> Exchange[EventPage]:
    """Ask for a page of the feed."""
    query = {"limit": str(limit), "wait_s": str(wait_s)} | ({"after": after} if after else {})
    reply = yield Call("GET", "/v1/events", query=query, waits_s=wait_s)
    return _decode(reply, EventPage)


def read_decision(reference: str) -> Exchange[dict[str, Any]]:
    """Ask for the newest decision with its texts, by the declarant's reference or by case id."""
    reply = yield Call("GET", f"/v1/declarations/{quote(reference, safe='')}", query=_TEXTS)
    return _decode(reply, dict[str, Any])


def read_receipt(case_id: str) -> Exchange[bytes]:
    """Ask for the receipt of a case, byte for byte."""
    reply = yield Call("GET", f"/v1/cases/{quote(case_id, safe='')}/receipt")
    return reply.content


def read_log_key() -> Exchange[str]:
    """Ask for the log's public key."""
    reply = yield Call("GET", "/log/key", accept="text/plain")
    return reply.content.decode().strip()


def withdraw(reference: str, *, expected_version: int, reason: str) -> Exchange[dict[str, Any]]:
    """Withdraw a declaration."""
    content = msgspec.json.encode({"expected_version": expected_version, "reason": reason})
    reply = yield Call("POST", f"/v1/declarations/{quote(reference, safe='')}/invalidation", content=content)
    return _decode(reply, dict[str, Any])


def send_message(standard: str, content: bytes, content_type: str) -> Exchange[Reply]:
    """Send one message of a standard; the answer is in the standard's own form. Status 200: taken."""
    reply = yield Call(
        "POST",
        f"/v1/messages/{quote(standard, safe='')}",
        content=content,
        content_type=content_type,
        accept=content_type,
        tells=_TOLD,
    )
    return reply


def cut(documents: Iterable[Document], count: int) -> Iterable[list[Document]]:
    """Cut documents into batches."""
    rest = iter(documents)
    while batch := list(islice(rest, count)):
        yield batch


def problem_error(reply: Reply) -> SeraiError:
    """Return what a server said went wrong, under the server's own code."""
    try:
        told = msgspec.json.decode(reply.content, type=ProblemIn)
    except msgspec.MsgspecError:
        kind = RetryLaterError if reply.status in AGAIN else SeraiError
        return kind(
            "server-refused", f"The server answered {reply.status}.", "See that the address is Serai's."
        )
    kind = RetryLaterError if reply.status in AGAIN else SeraiError
    return kind(told.code, told.detail, told.next_step)


def _decode(reply: Reply, kind: type[Result]) -> Result:
    try:
        return msgspec.json.decode(reply.content, type=kind)
    except msgspec.MsgspecError as fault:
        raise SeraiError(
            "server-refused",
            "The server's answer is not as it is documented.",
            "See that the address is Serai's, and that client and server are not years apart.",
        ) from fault


def _cut_off() -> RetryLaterError:
    return RetryLaterError(
        "answer-cut-off",
        "The server stopped before it had answered every document.",
        "Send them again: what was taken is known, repeats are harmless.",
    )
