"""A batch that fails is done in parts, so that what makes it fail harms as few others as can be."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Job = TypeVar("Job")
Result = TypeVar("Result")

# After so many offenders in one batch the rest is given up: a flood of them must not stop everybody else.
_OFFENDERS_COUNT_MAX = 64

# A batch that gave way to others is done once more, in halves: what clashes is then one half, and holds fewer
# locks. Not further: all who wait for their turn wait for this as well.
_CLASH = "database-busy"
_CLASHES_COUNT_MAX = 2


async def isolate_faults(
    work: Callable[[list[Job]], Awaitable[Sequence[Result | SeraiError]]],
    jobs: list[Job],
    report_fault: Callable[[Exception], str],
) -> list[Result | SeraiError]:
    """Do `work` on all jobs together; if it fails unexpectedly, on halves, until each offender stands alone.

    work: returns one result for each job, and leaves nothing behind when it raises. report_fault: told of
    each offender's exception, returns an incident number. Returns a result for each job, in order; an
    offender's is SeraiError `internal-error`. A SeraiError that work raises is about the whole: it goes to
    all, without halving; but for `database-busy`, upon which each half is done once more.
    """
    results: list[Result | SeraiError] = [_given_up()] * len(jobs)
    offenders_count = 0
    # Spans still to do, the next one last, each with how often its jobs have clashed.
    spans = [(0, len(jobs), 0)]
    while spans and offenders_count < _OFFENDERS_COUNT_MAX:
        begin, end, clashes_count = spans.pop()
        try:
            done = await work(jobs[begin:end])
            assert len(done) == end - begin, "work must give one result for each job"
            results[begin:end] = done
        except SeraiError as error:
            clashes_count += error.code == _CLASH
            if error.code != _CLASH or clashes_count == _CLASHES_COUNT_MAX:
                results[begin:end] = [error] * (end - begin)
            else:
                spans += _halves(begin, end, clashes_count)
        except Exception as fault:  # noqa: BLE001 (whatever it is, the neighbours must not suffer from it)
            if end - begin == 1:
                offenders_count += 1
                results[begin] = _internal_error(report_fault(fault))
            else:
                spans += _halves(begin, end, clashes_count)
    return results


def _halves(begin: int, end: int, clashes_count: int) -> list[tuple[int, int, int]]:
    """Cut a span in two, the first half last; a single job stays whole."""
    middle = (begin + end) // 2
    spans = [(middle, end, clashes_count), (begin, middle, clashes_count)]
    return [span for span in spans if span[0] < span[1]]


def _internal_error(incident: str) -> SeraiError:
    return SeraiError(
        "internal-error",
        MessageText(
            "Serai failed on this one; nothing of it was stored. Incident {incident}.", incident=incident
        ),
        "Send it again later; if it fails again, tell the administration the incident number.",
    )


def _given_up() -> SeraiError:
    return SeraiError(
        "busy",
        "Too many others in the same batch failed; nothing of this one was stored.",
        "Send it again in a few seconds.",
    )
