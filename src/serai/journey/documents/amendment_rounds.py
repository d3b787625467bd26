"""Several versions of one document in one batch: each is measured against what the one before it made, so
they are settled in waves."""

from typing import Final

from serai.journey.documents.submission import Answer
from serai.model.errors import SeraiError

AMENDMENT_ROUNDS_COUNT_MAX: Final = 32
"""A wave decides and writes by itself, and everybody else in the process waits for it: a file of thousands of
amendments of one document would hold them up for minutes."""


def put_off(reference: str) -> Answer:
    """Return the answer to a version that comes after so many others: nothing of it is stored."""
    problem = SeraiError(
        "busy",
        f"{AMENDMENT_ROUNDS_COUNT_MAX} versions of this document came just before this one.",
        "Send it again in a few seconds.",
    )
    return Answer("not-accepted", reference, problem_code=problem.code, problem=problem)
