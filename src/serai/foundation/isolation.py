"""Finding the job that makes a batch fail, so that it harms only itself."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from serai.model.errors import SeraiError

Job = TypeVar("Job")
Result = TypeVar("Result")

# After so many offenders in one batch the rest is given up: a flood of them must not stop everybody else.
_OFFENDERS_COUNT_MAX = 64


async def isolate_faults(
    work: Callable[[list[Job]], Awaitable[Sequence[Result | SeraiError]]],
    jobs: list[Job],
    report_fault: Callable[[Exception], str],
) -> list[Result | SeraiError]:
    """Do `work` on all jobs together; if it fails unexpectedly, on halves, until each offender stands alone.

    work: returns one result for each job, and leaves nothing behind when it raises. report_fault: told of
    each offender's exception, returns an incident number. Returns a result for each job, in order; an
    offender's is SeraiError `internal-error`. A SeraiError that work raises is about the whole: it goes to
    all, without halving.
    """
    results: list[Result | SeraiError] = [_given_up()] * len(jobs)
    offenders_count = 0
    # Spans still to do, the next one last.
    spans = [(0, len(jobs))]
    while spans and offenders_count < _OFFENDERS_COUNT_MAX:
        begin, end = spans.pop()
        try:
            done = await work(jobs[begin:end])
            assert len(done) == end - begin, "work must give one result for each job"
            results[begin:end] = done
        except SeraiError as error:
            results[begin:end] = [error] * (end - begin)
        except Exception as fault:  # noqa: BLE001 (whatever it is, the neighbours must not suffer from it)
            if end - begin == 1:
                offenders_count += 1
                results[begin] = _internal_error(report_fault(fault))
            else:
                middle = (begin + end) // 2
                spans += [(middle, end), (begin, middle)]
    return results


def _internal_error(incident: str) -> SeraiError:
    return SeraiError(
        "internal-error",
        f"Serai failed on this one; nothing of it was stored. Incident {incident}.",
        "Send it again later; if it fails again, tell the administration the incident number.",
    )


def _given_up() -> SeraiError:
    return SeraiError(
        "busy",
        "Too many others in the same batch failed; nothing of this one was stored.",
        "Send it again in a few seconds.",
    )
