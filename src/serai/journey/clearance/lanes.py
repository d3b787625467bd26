"""A batch of several kinds of documents, lane by lane: what commits by itself also fails by itself."""

from collections.abc import Awaitable, Callable, Sequence

from serai.foundation.isolation import isolate_faults
from serai.journey.clearance.filing import KINDS_BY_TRANSACTION, Answer, Filing
from serai.journey.clearance.measured import Clear
from serai.model.errors import SeraiError

Cleared = Sequence[list[Answer] | SeraiError]


def by_lane(
    clear: Clear, report_fault: Callable[[Exception], str]
) -> Callable[[list[Filing]], Awaitable[Cleared]]:
    """Return the corridor's work, done for the kinds of documents that share a transaction.

    Were a whole batch done again because its orders failed, its declarations, which had committed before,
    would be answered as repeats.
    """

    async def clear_lanes(filings: list[Filing]) -> Cleared:
        answers: list[list[Answer] | SeraiError] = [[] for _ in filings]
        for kinds in KINDS_BY_TRANSACTION:
            places = [place for place, filing in enumerate(filings) if filing.kind in kinds]
            if places:
                done = await isolate_faults(clear, [filings[place] for place in places], report_fault)
                for place, its in zip(places, done, strict=True):
                    answers[place] = its
        return answers

    return clear_lanes
