"""The door of processing for HTTP: submissions in, answer lines out, with faults in words and a poison row
alone in its harm."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import count

import msgspec
import numpy as np

from serai.formats.decoded import Document
from serai.foundation.access.actor import Actor
from serai.foundation.batcher import Batcher
from serai.foundation.http.document_problems import document_problem
from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.problems import retry_after_s
from serai.foundation.id_text import format_id, format_ids
from serai.journey.documents.submission import REFUSALS, Answer, Places, QualityOut, Submission, sender_of
from serai.journey.finding_messages import finding_out
from serai.model.errors import SeraiError
from serai.model.findings import Finding, FindingOut
from serai.model.languages import DEFAULT_LANGUAGE
from serai.model.message_text import MessageText

_BUSY_PAUSE_S = 0.05
_BUSY_WAIT_S = 20.0
_RETRY_AFTER_S = 60
_ENCODER = msgspec.json.Encoder()
_MUCH_WORK = frozenset({"arrival"})
"""One of them moves all parcels of a conveyance."""
_TAKEN = frozenset({"decided", "recorded", "repeated"})


class ProblemOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a line was not taken."""

    code: str
    sentence: str
    next_step: str
    version: int | None = None
    retry_after_s: int | None = None


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
    data_quality: QualityOut | None = None


class LodgementService:
    """Hands submissions to the batcher. One for each kind of document that has a batcher of its own."""

    def __init__(self, batcher: Batcher[Submission, list[Answer]]) -> None:
        self._batcher = batcher

    async def submit(
        self,
        actor: Actor,
        kind: str,
        *,
        lines: Sequence[bytes] = (),
        documents: Sequence[Document | None] = (),
        findings: Sequence[list[Finding]] = (),
        places: Sequence[Places | None] = (),
        may_wait: bool = False,
        is_part: bool = False,
    ) -> list[Answer]:
        """File documents of one party; one answer each, decided and durable.

        places: of documents that came in another form than JSON; what is answered points there. may_wait:
        when full, wait for some seconds before raising `busy`: in mid-stream, overload slows reading first.
        is_part: of a file whose parts are done in its order.
        """
        submission = Submission(sender_of(actor), kind, lines, documents, findings, places)
        answers = await self._hand_over(submission, may_wait=may_wait, is_part=is_part)
        return list(map(_placed, answers, places)) if places else answers

    def refuse(
        self,
        error: SeraiError,
        *,
        lines: Sequence[bytes] = (),
        documents: Sequence[Document | None] = (),
    ) -> list[Answer]:
        """Answer documents that are not filed at all: why, and when to send them again."""
        return _not_accepted(lines, documents, error)

    def encode_lines(
        self, answers: Sequence[Answer], first_line: int, language: str | None, problems_in: str
    ) -> bytes:
        """Write answers as NDJSON, numbered from first_line. language: of findings' texts; None: without;
        problems_in: the language of problems."""
        return encode_answer_lines(answers, first_line, language, problems_in)

    def encode_one(self, answer: Answer, language: str | None, problems_in: str) -> tuple[int, bytes]:
        """Write one answer as JSON with its HTTP status: 201 made, 200 known or changed, else a problem.
        language: of texts of findings; None: without; problems_in: the language of a problem."""
        status, content = encode_answer(answer, language, problems_in)
        is_made = answer.status in ("decided", "recorded") and answer.version == 1
        return 201 if is_made else status, content

    def error_of(self, answer: Answer) -> SeraiError:
        """Return why a document was not taken."""
        return _error_of(answer)

    def trailer(self, counts: Counter[str]) -> bytes:
        """Write the last line of a stream."""
        return trailer(counts)

    async def _hand_over(
        self, submission: Submission, *, may_wait: bool, is_part: bool = False
    ) -> list[Answer]:
        loop = asyncio.get_running_loop()
        give_up_at_s = loop.time() + (_BUSY_WAIT_S if may_wait else 0.0)
        while True:
            try:
                return await self._batcher.submit(
                    submission,
                    submission.document_count,
                    asker=submission.sender.party_id,
                    with_large=is_part or submission.kind in _MUCH_WORK,
                )
            except SeraiError as error:
                if error.code == "busy" and loop.time() < give_up_at_s:
                    await asyncio.sleep(_BUSY_PAUSE_S)
                elif error.code == "internal-error":
                    return await self._hand_over_halves(submission, error, is_part=is_part)
                else:
                    raise

    async def _hand_over_halves(
        self, submission: Submission, error: SeraiError, *, is_part: bool
    ) -> list[Answer]:
        """Halve a filing that made processing fail, until the one row that does so stands alone."""
        if submission.document_count == 1:
            reference = _references_of(submission.lines, submission.documents)[0]
            return [Answer("failed", reference, problem_code=error.code, problem=error)]
        middle = submission.document_count // 2
        answers: list[Answer] = []
        for half in (_part(submission, 0, middle), _part(submission, middle, submission.document_count)):
            try:
                answers += await self._hand_over(half, may_wait=True, is_part=is_part)
            except SeraiError as fault:
                # The other half may be decided by now: what it was answered must not be lost.
                answers += _not_accepted(half.lines, half.documents, fault)
        return answers


def _placed(answer: Answer, place: Places | None) -> Answer:
    if place is None or not answer.findings:
        return answer
    moved = [msgspec.structs.replace(one, pointer=place(one.pointer)) for one in answer.findings]
    return msgspec.structs.replace(answer, findings=moved)


def encode_answer(
    answer: Answer, language: str | None = None, problems_in: str = DEFAULT_LANGUAGE
) -> tuple[int, bytes]:
    """Write one answer as JSON with its HTTP status: 200 taken; else a problem: 409 refused, 422 faulty, 500
    ours. language: of texts of findings; None: without; problems_in: the language of a problem."""
    if answer.status in _TAKEN:
        return 200, _ENCODER.encode(answer_out(answer, language=language))
    problem = document_problem(
        _error_of(answer),
        language=problems_in,
        outcome=answer.status,
        reference=answer.reference,
        version=answer.version or None,
        findings=[finding_out(finding, language) for finding in answer.findings],
    )
    return problem.status, _ENCODER.encode(problem)


def _part(submission: Submission, begin: int, end: int) -> Submission:
    return Submission(
        submission.sender,
        submission.kind,
        submission.lines[begin:end],
        submission.documents[begin:end],
        submission.findings[begin:end],
        submission.places[begin:end],
    )


class _Named(msgspec.Struct):
    """As much of a document as its sender needs to know which one failed."""

    reference: str = ""


_NAMED = msgspec.json.Decoder(_Named)


def _references_of(lines: Sequence[bytes], documents: Sequence[Document | None]) -> list[str]:
    """Return the reference of each document; "" where none can be read."""
    if documents:
        return [getattr(document, "reference", "") for document in documents]
    return [_reference_in(line) for line in lines]


def _reference_in(line: bytes) -> str:
    try:
        return _NAMED.decode(line).reference
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


def _not_accepted(
    lines: Sequence[bytes], documents: Sequence[Document | None], error: SeraiError
) -> list[Answer]:
    return [
        Answer("not-accepted", reference, problem_code=error.code, problem=error)
        for reference in _references_of(lines, documents)
    ]


def encode_answer_lines(
    answers: Sequence[Answer],
    first_line: int,
    language: str | None = None,
    problems_in: str = DEFAULT_LANGUAGE,
) -> bytes:
    """Write answers as NDJSON, one line each, numbered from first_line. language: of texts of findings; None:
    without; problems_in: the language of problems."""
    case_ids = format_ids(np.array([answer.case_id for answer in answers], dtype=np.int64))
    parts: list[bytes] = []
    for line, answer, case_id in zip(count(first_line), answers, case_ids, strict=False):
        if answer.status == "decided" and not answer.findings:
            # By far the most lines: joined from parts that are encoded already.
            head = b'{"line":%d,"reference":%b,"status":"decided","case_id":"%b","version":%d,"decision":' % (
                line,
                _ENCODER.encode(answer.reference),
                case_id.encode(),
                answer.version,
            )
            quality = b"" if answer.data_quality is None else _encode_quality(answer.data_quality)
            parts += head, answer.decision, b',"receipt":', answer.receipt, quality, b"}\n"
        else:
            parts += (
                _ENCODER.encode(answer_out(answer, line=line, language=language, problems_in=problems_in)),
                b"\n",
            )
    return b"".join(parts)


def answer_out(
    answer: Answer,
    *,
    line: int | None = None,
    language: str | None = None,
    problems_in: str = DEFAULT_LANGUAGE,
) -> AnswerOut:
    """Return an answer as it is written. language: of texts of findings; None: without; problems_in: the
    language of a problem."""
    return AnswerOut(
        reference=answer.reference,
        status=answer.status,
        line=line,
        case_id=format_id(answer.case_id) if answer.case_id else None,
        document_id=format_id(answer.document_id) if answer.document_id else None,
        version=answer.version or None,
        decision=msgspec.Raw(answer.decision) if answer.decision else None,
        receipt=msgspec.Raw(answer.receipt) if answer.receipt else None,
        findings=[finding_out(finding, language) for finding in answer.findings],
        problem=_problem_out(answer, problems_in),
        data_quality=answer.data_quality,
    )


@lru_cache(maxsize=4_096)
def _encode_quality(quality: QualityOut) -> bytes:
    return b',"data_quality":' + _ENCODER.encode(quality)


def _problem_out(answer: Answer, language: str) -> ProblemOut | None:
    if not answer.problem_code:
        return None
    error = _error_of(answer)
    message, next_step = error.texts
    is_later = answer.status == "not-accepted"
    return ProblemOut(
        error.code,
        text_in(message, language),
        text_in(next_step, language),
        answer.version or None,
        (retry_after_s(error) or _RETRY_AFTER_S) if is_later else None,
    )


def _error_of(answer: Answer) -> SeraiError:
    """Return why a document was not taken as an error."""
    if answer.problem is not None:
        return answer.problem
    if answer.problem_code:
        return SeraiError(answer.problem_code, *REFUSALS[answer.problem_code])
    count = sum(finding.severity == "fault" for finding in answer.findings)
    return SeraiError(
        "document-faulty",
        MessageText.counted(
            "The document has {count} fault.", "The document has {count} faults.", count=count
        ),
        "Correct what the findings name, all of it, then send the document again.",
    )


def trailer(counts: Counter[str]) -> bytes:
    """Write the last line of a stream: counts by status; its absence means that the file is to be sent
    again."""
    return _ENCODER.encode({"counts": dict(sorted(counts.items())), "complete": True}) + b"\n"
