"""Figures of the processor: rows and time of each batch, decisions by lane; counted around it, so that it
does not know.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from serai.foundation.metrics import Metrics
from serai.journey.documents.submission import Answer, Submission

Process = Callable[[Sequence[Submission]], Awaitable[list[list[Answer]]]]
_LANE = b'"lane":"'


def measured(clear: Process, metrics: Metrics) -> Process:
    """Return processing's work, counted. The clock read is the machine's stopwatch, not the time of
    anything.
    """

    async def process_and_count(submissions: Sequence[Submission]) -> list[list[Answer]]:
        began_s = time.perf_counter()
        answers = await clear(submissions)
        metrics.batch_seconds.observe(time.perf_counter() - began_s)
        metrics.batch_rows.observe(sum(submission.document_count for submission in submissions))
        lanes = Counter(
            lane_of(answer.decision) for one in answers for answer in one if answer.status == "decided"
        )
        for lane, count in lanes.items():
            metrics.decisions.labels(lane).inc(count)
        return answers

    return process_and_count


def lane_of(decision: bytes) -> str:
    """Return the lane of a decision's JSON: its own stands before those of its goods items."""
    _, _, rest = decision.partition(_LANE)
    return rest[: rest.index(b'"')].decode()
