"""A batch around its processing: cut by the kinds of documents that share a transaction, and counted.

What commits by itself also fails by itself. Rows, time and decisions by lane are counted around the work,
so that it does not know.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from serai.foundation.isolation import isolate_faults
from serai.foundation.metrics import Metrics
from serai.foundation.traces import span
from serai.journey.documents.submission import Answer, Submission, places_by_transaction
from serai.model.errors import SeraiError

Process = Callable[[Sequence[Submission]], Awaitable[list[list[Answer]]]]
_LANE = b'"lane":"'
_LANE_LENGTH = len(_LANE)


def measured(clear: Process, metrics: Metrics) -> Process:
    """Return processing's work, counted. The clock read is the machine's stopwatch, not the time of
    anything.
    """

    async def process_and_count(submissions: Sequence[Submission]) -> list[list[Answer]]:
        began_s = time.perf_counter()
        with span("batch", rows=sum(submission.document_count for submission in submissions)):
            answers = await clear(submissions)
        metrics.batch_seconds.observe(time.perf_counter() - began_s)
        metrics.batch_rows.observe(sum(submission.document_count for submission in submissions))
        lanes = Counter(
            lane_of(answer.decision) for one in answers for answer in one if answer.status == "decided"
        )
        for lane, count in lanes.items():
            metrics.decisions.labels(lane.decode()).inc(count)
        return answers

    return process_and_count


def lane_of(decision: bytes) -> bytes:
    """Return the lane of a decision's JSON: its own stands before those of its goods items."""
    begin = decision.index(_LANE) + _LANE_LENGTH
    return decision[begin : decision.index(b'"', begin)]


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
        for places in places_by_transaction(submissions):
            if places:
                done = await isolate_faults(clear, [submissions[place] for place in places], report_fault)
                for place, its in zip(places, done, strict=True):
                    answers[place] = its
        return answers

    return process_groups
