"""A small client of the API, as a party would write one: one kept connection, documents in, answers out."""

import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple

import msgspec

from serai.model.errors import SeraiError

NDJSON, CSV, JSON, XML = "application/x-ndjson", "text/csv", "application/json", "application/xml"
_MANY = (NDJSON, CSV)
_SILENCE_S = 300
_BUSY_STATUSES, _BUSY_PAUSE_S, _TRIES_COUNT = (429, 503), 0.5, 120


class TotalsRead(msgspec.Struct, frozen=True):
    """Sums of a decision, decimal strings."""

    duty_amount: str = "0"
    tax_amount: str = "0"
    fee_amount: str = "0"
    due_at_border_amount: str = "0"
    due_at_sale_amount: str = "0"


class DecisionRead(msgspec.Struct, frozen=True):
    """What the demo shows of a decision."""

    lane: str
    currency_code: str | None = None
    totals: TotalsRead | None = None


class AnswerRead(msgspec.Struct, frozen=True):
    """An answer, or the last line of many (complete). status: a number where one document was not taken."""

    status: str | int = ""
    reference: str = ""
    case_id: str | None = None
    decision: DecisionRead | None = None
    complete: bool | None = None
    code: str | None = None
    detail: str | None = None
    outcome: str = ""

    @property
    def became(self) -> str:
        """What became of the document, in a word."""
        return self.outcome or str(self.status)


class Answered(NamedTuple):
    """Answers to what was sent together, and how long they took."""

    answers: list[AnswerRead]
    seconds: float


class ConnectionToServer:
    """One connection, kept between requests; opened again when the server closed it. Not for two threads."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=_SILENCE_S)
        self._read_one = msgspec.json.Decoder(AnswerRead)

    def close(self) -> None:
        """Close it, also under the hands of a thread that waits for an answer."""
        self._connection.close()

    def send_lines(self, route: str, key: str, lines: Sequence[bytes]) -> Answered:
        """Send documents as NDJSON. Raises as `send` does."""
        return self.send(route, key, b"\n".join(lines) + b"\n", NDJSON)

    def send(self, route: str, key: str, content: bytes, media_type: str) -> Answered:
        """Send one document or a file of them; a fault in one is an answer.

        Raises SeraiError `server-refused`, `answer-cut-off`.
        """
        is_many = media_type in _MANY
        begun = time.perf_counter()
        status, content = self._exchange("POST", route, key, content, media_type)
        seconds = time.perf_counter() - begun
        if status not in ((200,) if is_many else (200, 201, 409, 422)):
            raise _refused(route, status, content)
        if not is_many:
            return Answered([self._read_one.decode(content)], seconds)
        answers = self._read_one.decode_lines(content)
        if not answers or answers.pop().complete is not True:
            raise SeraiError(
                "answer-cut-off", f"The answer to {route} has no end.", "Send the documents again."
            )
        return Answered(answers, seconds)

    def _exchange(self, method: str, route: str, key: str, body: bytes, media_type: str) -> tuple[int, bytes]:
        """Send until the server takes it; what it has taken already it answers as repeated."""
        headers = {"authorization": f"Bearer {key}", "content-type": media_type} if key else {}
        for attempt in range(_TRIES_COUNT):
            try:
                self._connection.request(method, route, body, headers)
                response = self._connection.getresponse()
                content = response.read()
            except (OSError, HTTPException) as fault:
                self._connection.close()
                if attempt == 0:
                    continue
                raise SeraiError(
                    "server-gone", f"The server does not answer: {fault}.", "Read its messages above."
                ) from fault
            if response.status not in _BUSY_STATUSES:
                return response.status, content
            time.sleep(_BUSY_PAUSE_S)
        raise SeraiError("server-busy", "The server stays busy.", "Try again later.")


def _refused(route: str, status: int, content: bytes) -> SeraiError:
    said = content[:300].decode(errors="replace")
    return SeraiError("server-refused", f"{route} answered {status}: {said}", "Read the answer.")
