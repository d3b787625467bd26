"""A batch of several kinds of documents, lane by lane: what commits by itself also fails by itself."""

from collections.abc import Awaitable, Callable, Sequence

from serai.foundation.isolation import isolate_faults
from serai.journey.documents.submission import KINDS_BY_TRANSACTION, Answer, Submission
from serai.journey.processing.metrics import Process
from serai.model.errors import SeraiError

Processed = Sequence[list[Answer] | SeraiError]


def by_transaction_group(
    clear: Process, report_fault: Callable[[Exception], str]
) -> Callable[[list[Submission]], Awaitable[Processed]]:
    """Return processing's work, done for the kinds of documents that share a transaction.

    Were a whole batch done again because its orders failed, its declarations, which had committed before,
    would be answered as repeats.
    """

    async def process_groups(submissions: list[Submission]) -> Processed:
        answers: list[list[Answer] | SeraiError] = [[] for _ in submissions]
        for kinds in KINDS_BY_TRANSACTION:
            places = [place for place, submission in enumerate(submissions) if submission.kind in kinds]
            if places:
                done = await isolate_faults(clear, [submissions[place] for place in places], report_fault)
                for place, its in zip(places, done, strict=True):
                    answers[place] = its
        return answers

    return process_groups
