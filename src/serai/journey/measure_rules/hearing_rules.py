"""Being heard before what is adverse: when a clock runs, when it has run out, what may then be decided.

Pure: what was done in a case goes in, and now. A clock runs from proven notification and from nothing else.
"""

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from serai.foundation.id_text import format_id
from serai.journey.measure_rules.measure_law import HearingLaw
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

OPENED, NOTIFIED, ANSWERED = "hearing-opened", "hearing-notified", "hearing-answered"
RETURNED: Final = "hearing-notice-returned"
"""The message that was reported as delivered came back: it proves nothing, and its period never ran."""
HEARING_KINDS: Final = (OPENED, NOTIFIED, RETURNED, ANSWERED)


class Hearing(NamedTuple):
    """A hearing as acts tell it. notified: proof that whom it reaches knows, which nothing has undone; None:
    none is there. answers: what was said, oldest first."""

    opened: Act
    notified: Act | None
    answers: Sequence[Act]

    def is_ended(self, at: dt.datetime) -> bool:
        """Say whether an officer may decide: the period has run out, or all was said. Never where nothing
        proves that anybody knows."""
        if self.notified is None:
            return False
        assert self.notified.due_at is not None, "a proof says until when"
        is_all_said = bool(self.answers) and not self.answers[-1].parameters.get("more_follows", False)
        return is_all_said or at >= self.notified.due_at


class Wanted(NamedTuple):
    """What an officer wants to do that is adverse. stated: what the measure states, by name; words: why."""

    kind: str
    subject_id: int
    reason_code: str | None
    stated: Mapping[str, Any]
    words: str
    hearing_id: int | None
    exception_code: str | None


def find_hearing(acts: Sequence[Act], hearing_id: int) -> Hearing | None:
    """Return a hearing among the acts that stand in a case; None: there is none of this number."""
    opened = next((one for one in acts if one.kind == OPENED and one.act_id == hearing_id), None)
    if opened is None:
        return None
    name = format_id(hearing_id)
    of_it = [one for one in acts if one.parameters.get("hearing") == name]
    undone = {one.parameters["undoes"] for one in of_it if one.kind == RETURNED}
    proofs = (one for one in of_it if one.kind == NOTIFIED and format_id(one.act_id) not in undone)
    notified = next(proofs, None)
    return Hearing(opened, notified, [one for one in of_it if one.kind == ANSWERED])


def period_end(
    notified_at: dt.datetime, days: int, time_zone: str, rest_days: Container[dt.date]
) -> dt.datetime:
    """Return the end of a period of calendar days: the day of notification does not count, and a period whose
    last day is a day of rest ends with the next working day (Regulation (EEC, Euratom) No 1182/71, article
    3). Exclusive: the first instant after it, UTC."""
    zone = ZoneInfo(time_zone)
    last = notified_at.astimezone(zone).date() + dt.timedelta(days=days)
    while last in rest_days:
        last += dt.timedelta(days=1)
    return dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)


def check_heard(wanted: Wanted, law: HearingLaw, acts: Sequence[Act], at: dt.datetime) -> dict[str, Any]:
    """Return what the act records of the hearing before it, or of the exception by which there was none.

    acts: those of hearings that stand in the case. Raises SeraiError `hearing-needed`, `hearing-not-ended`,
    `hearing-differs`, `exception-not-known`, `answer-not-addressed`.
    """
    if wanted.hearing_id is None:
        return _by_exception(wanted, law)
    hearing = find_hearing(acts, wanted.hearing_id)
    if hearing is None:
        raise _needed(wanted, law)
    if not hearing.is_ended(at):
        raise _not_ended(hearing)
    meant, said = hearing.opened, hearing.opened.parameters
    announced = said.get("intended"), meant.subject_id, meant.reason_code, said.get("stated")
    if announced != (wanted.kind, wanted.subject_id, wanted.reason_code, dict(wanted.stated)):
        raise SeraiError(
            "hearing-differs",
            "The hearing was about another measure than this one.",
            "Take the measure that was announced, or open a hearing about this one.",
        )
    if hearing.answers and not wanted.words:
        raise SeraiError(
            "answer-not-addressed",
            "The hearing was answered, and this measure says nothing about the answer.",
            "Say in 'reason' what you make of the answer.",
        )
    heard = {"hearing": format_id(meant.act_id)}
    return heard | ({"answer": format_id(hearing.answers[-1].act_id)} if hearing.answers else {})


def _by_exception(wanted: Wanted, law: HearingLaw) -> dict[str, Any]:
    if wanted.exception_code is None:
        raise _needed(wanted, law)
    if wanted.exception_code not in law.exceptions:
        raise SeraiError(
            "exception-not-known",
            "The law names no such exception from a hearing.",
            MessageText("exception_code is one of: {listed}.", listed=", ".join(law.exceptions)),
        )
    if not wanted.words:
        raise SeraiError(
            "answer-not-addressed",
            "An exception from a hearing is stated with its grounds.",
            "Say in 'reason' why the exception holds here.",
        )
    return {"exception": wanted.exception_code, "exception_law": law.exceptions[wanted.exception_code]}


def _needed(wanted: Wanted, law: HearingLaw) -> SeraiError:
    return SeraiError(
        "hearing-needed",
        MessageText(
            "The measure {kind} is adverse: whom it reaches is heard first ({law_reference}).",
            kind=wanted.kind,
            law_reference=law.law_reference,
        ),
        "Open a hearing (kind hearing-opened, intended_kind, reason), or state an exception of the law.",
    )


def _not_ended(hearing: Hearing) -> SeraiError:
    if hearing.notified is None or hearing.notified.due_at is None:
        return SeraiError(
            "hearing-not-ended",
            "Nothing proves yet that the declarant knows of the hearing, so its period has not begun.",
            "Wait until the declarant confirms or answers it, its webhook has taken the event, or the message"
            " to it is reported as delivered; or tell it in another way.",
        )
    return SeraiError(
        "hearing-not-ended",
        MessageText(
            "The period of the hearing runs until {due_at} (UTC).",
            due_at=hearing.notified.due_at.astimezone(dt.UTC),
        ),
        "Wait until then, or for the answer.",
    )
