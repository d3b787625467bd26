"""The door of the corridor for HTTP: filings in, answer lines out, with faults in words and a poison row
alone in its harm."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from serai.formats.decoded import Document
from serai.foundation.access.actor import Actor
from serai.foundation.batcher import Batcher
from serai.foundation.id_text import format_id, format_ids
from serai.journey.clearance.filing import REFUSALS, Answer, Filing, Sender
from serai.journey.clearance.sentences import sentence_of
from serai.model.errors import SeraiError
from serai.model.findings import Finding

_BUSY_PAUSE_S = 0.05
_ENCODER = msgspec.json.Encoder()
_STATUS_OF = {
    "decided": 200,
    "recorded": 200,
    "repeated": 200,
    "refused": 409,
    "rejected": 422,
    "failed": 500,
}


class FindingOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding in words."""

    code: str
    pointer: str
    severity: str
    sentence: str
    remedy: str
    parameters: dict[str, str] = {}


class ProblemOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a line was not taken."""

    code: str
    sentence: str
    next_step: str
    version: int | None = None


class AnswerOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to one document: `line` only where there are many."""

    reference: str
    status: str
    line: int | None = None
    case_id: str | None = None
    document_id: str | None = None
    version: int | None = None
    decision: msgspec.Raw | None = None
    receipt: msgspec.Raw | None = None
    findings: list[FindingOut] = []
    problem: ProblemOut | None = None


class Door:
    """Hands filings to the batcher. One for each kind of document that has a batcher of its own."""

    def __init__(self, batcher: Batcher[Filing, list[Answer]]) -> None:
        self._batcher = batcher

    async def file(
        self,
        actor: Actor,
        kind: str,
        *,
        lines: Sequence[bytes] = (),
        documents: Sequence[Document | None] = (),
        findings: Sequence[list[Finding]] = (),
        may_wait: bool = False,
    ) -> list[Answer]:
        """File documents of one party; one answer each, decided and durable.

        may_wait: when full, wait instead of raising `busy` (in mid-stream nothing else is left to do).
        """
        return await self._submit(
            Filing(sender_of(actor), kind, lines, documents, findings), may_wait=may_wait
        )

    def encode_lines(self, answers: Sequence[Answer], first_line: int) -> bytes:
        """Write answers as NDJSON, numbered from first_line."""
        return encode_answer_lines(answers, first_line)

    def encode_one(self, answer: Answer) -> tuple[int, bytes]:
        """Write one answer as JSON with its HTTP status: 200 taken, 409 refused, 422 faulty, 500 ours."""
        return encode_answer(answer)

    def trailer(self, counts: Counter[str]) -> bytes:
        """Write the last line of a stream."""
        return trailer(counts)

    async def _submit(self, filing: Filing, *, may_wait: bool) -> list[Answer]:
        while True:
            try:
                return await self._batcher.submit(filing, filing.document_count)
            except SeraiError as error:
                if error.code == "busy" and may_wait:
                    await asyncio.sleep(_BUSY_PAUSE_S)
                elif error.code == "internal-error":
                    return await self._submit_halves(filing, error)
                else:
                    raise

    async def _submit_halves(self, filing: Filing, error: SeraiError) -> list[Answer]:
        """Halve a filing that made the corridor fail, until the one row that does so stands alone."""
        if filing.document_count == 1:
            return [Answer("failed", _reference_of(filing), problem_code=error.code, problem=error)]
        middle = filing.document_count // 2
        halves = [_part(filing, 0, middle), _part(filing, middle, filing.document_count)]
        answers = [await self._submit(half, may_wait=True) for half in halves]
        return [answer for part in answers for answer in part]


def sender_of(actor: Actor) -> Sender:
    """Return an actor as the sender of documents."""
    assert actor.party_id is not None, "the guard lets nobody in without a party"
    return Sender(actor.party_id, frozenset(role.value for role in actor.roles))


def encode_answer(answer: Answer) -> tuple[int, bytes]:
    """Write one answer as JSON with its HTTP status: 200 taken, 409 refused, 422 faulty, 500 ours."""
    return _STATUS_OF[answer.status], _ENCODER.encode(answer_out(answer))


def _part(filing: Filing, begin: int, end: int) -> Filing:
    return Filing(
        filing.sender,
        filing.kind,
        filing.lines[begin:end],
        filing.documents[begin:end],
        filing.findings[begin:end],
    )


class _Named(msgspec.Struct):
    """As much of a document as its sender needs to know which one failed."""

    reference: str = ""


_NAMED = msgspec.json.Decoder(_Named)


def _reference_of(filing: Filing) -> str:
    """Return the reference of a filing's only document; "" where none can be read."""
    if filing.documents:
        return getattr(filing.documents[0], "reference", "")
    try:
        return _NAMED.decode(filing.lines[0]).reference
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


def encode_answer_lines(answers: Sequence[Answer], first_line: int) -> bytes:
    """Write answers as NDJSON, one line each, numbered from first_line."""
    case_ids = format_ids(np.array([answer.case_id for answer in answers], dtype=np.int64))
    parts: list[bytes] = []
    for place, answer in enumerate(answers):
        if answer.status == "decided" and not answer.findings:
            # By far the most lines: joined from parts that are encoded already.
            parts.append(
                b'{"line":%d,"reference":%b,"status":"decided","case_id":"%b","version":%d,"decision":%b,"receipt":%b}\n'
                % (
                    first_line + place,
                    _ENCODER.encode(answer.reference),
                    case_ids[place].encode(),
                    answer.version,
                    answer.decision,
                    answer.receipt,
                )
            )
        else:
            parts.append(_ENCODER.encode(answer_out(answer, line=first_line + place)) + b"\n")
    return b"".join(parts)


def answer_out(answer: Answer, *, line: int | None = None) -> AnswerOut:
    """Return an answer in words."""
    return AnswerOut(
        reference=answer.reference,
        status=answer.status,
        line=line,
        case_id=format_id(answer.case_id) if answer.case_id else None,
        document_id=format_id(answer.document_id) if answer.document_id else None,
        version=answer.version or None,
        decision=msgspec.Raw(answer.decision) if answer.decision else None,
        receipt=msgspec.Raw(answer.receipt) if answer.receipt else None,
        findings=[finding_out(finding) for finding in answer.findings],
        problem=_problem_out(answer),
    )


def finding_out(finding: Finding) -> FindingOut:
    """Return a finding in words."""
    said = sentence_of(finding)
    return FindingOut(
        finding.code, finding.pointer, finding.severity, said.sentence, said.remedy, finding.parameters
    )


def _problem_out(answer: Answer) -> ProblemOut | None:
    if not answer.problem_code:
        return None
    if answer.problem is not None:
        return ProblemOut(answer.problem.code, answer.problem.message, answer.problem.next_step)
    sentence, next_step = REFUSALS[answer.problem_code]
    return ProblemOut(answer.problem_code, sentence, next_step, answer.version or None)


def trailer(counts: Counter[str]) -> bytes:
    """Write the last line of a stream: counts by status; its absence means that the file is to be sent
    again."""
    return _ENCODER.encode({"counts": dict(sorted(counts.items())), "complete": True}) + b"\n"
