"""The problem of one document that was not taken: RFC 9457 members, and beside them what became of it."""

from collections.abc import Sequence

import msgspec

from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.problems import problem_kind
from serai.model.errors import SeraiError
from serai.model.findings import FindingOut


class DocumentProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a document was not taken. outcome: rejected (its findings say why), refused, failed (ours).

    `type` is the address of the code's page on this server; status the HTTP status; version the one that
    stands under the reference.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    next_step: str
    outcome: str
    reference: str
    incident: str = ""
    version: int | None = None
    findings: list[FindingOut] = []


def document_problem(
    error: SeraiError,
    *,
    language: str,
    outcome: str,
    reference: str,
    version: int | None = None,
    findings: Sequence[FindingOut] = (),
) -> DocumentProblem:
    """Make the answer's body for one document from what was wrong, in a language."""
    kind = problem_kind(error.code)
    message, next_step = error.texts
    return DocumentProblem(
        type=f"/problems/{error.code}",
        title=text_in(kind.title, language),
        status=kind.status,
        detail=text_in(message, language),
        code=error.code,
        next_step=text_in(next_step, language),
        outcome=outcome,
        reference=reference,
        incident=getattr(error, "incident", ""),
        version=version,
        findings=list(findings),
    )
