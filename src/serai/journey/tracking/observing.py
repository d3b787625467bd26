"""What was seen of the parcels of one case, in words, for its history."""

import datetime as dt
from functools import cache
from typing import Final

import msgspec

from serai.formats.epcis.event import Event, SensorReport
from serai.journey.finding_messages import sentence_of
from serai.journey.tracking.custody import Candidate, judge_cases
from serai.journey.tracking.joining import number_of
from serai.journey.tracking.rules import COUNTS, Verdict
from serai.journey.tracking.service import Connection, TrackingService
from serai.journey.visibility.table import Viewer
from serai.model.findings import Finding
from serai.model.languages import DEFAULT_LANGUAGE, read_texts

_SHOWN_COUNT_MAX: Final = 200
_READINGS_COUNT_MAX: Final = 3


class Observed(msgspec.Struct, frozen=True):
    """An event that counts in a case, or is shown to its sender and officers all the same.

    event_uri: None where it is said that there may be more events than are shown.
    """

    at: dt.datetime
    event_uri: str | None
    sentence: str


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    steps: dict[str, str]
    no_step: str
    at_place: str
    with_readings: str
    declared_wrong: str
    end: str
    not_counting: str
    may_be_more: str


async def observe_case(
    service: TrackingService, connection: Connection, case_id: int, viewer: Viewer, language: str
) -> list[Observed]:
    """Return what was seen of a case, oldest first, the newest so many; before them, that there may be more.

    Of others a party sees what counts and is open to it (`judge_cases`). Its own events are shown to it
    whether they count or not, with why they do not; those of parties of the case to the administration, too.
    What its sender has declared wrong is said by that alone.
    """
    judged = (await judge_cases(service, connection, [case_id], viewer=viewer)).get(case_id)
    if judged is None:
        return []
    rows = [
        one
        for event_id, one in judged.events.items()
        if event_id not in judged.custody.taken_back_ids
        if judged.is_shown(event_id)
        or one.row.party_id == viewer.party_id
        or (viewer.is_administration and one.row.party_id in judged.members)
    ]
    shown = sorted(rows, key=_order)[-_SHOWN_COUNT_MAX:]
    observed = [
        Observed(
            one.row.event_at,
            one.event.event_id or one.row.event_uri,
            _render_judged(one, judged.told_verdict(one.row.event_id), language),
        )
        for one in shown
    ]
    if shown and (len(shown) < len(rows) or not judged.is_whole):
        observed.insert(0, Observed(shown[0].row.event_at, None, _words(language).may_be_more))
    return observed


def _order(one: Candidate) -> tuple[dt.datetime, int]:
    return one.row.event_at, one.row.event_id


def _render_judged(one: Candidate, verdict: Verdict, language: str) -> str:
    seen = render_event(one.event, language)
    if verdict == COUNTS:
        return seen
    said = sentence_of(Finding(verdict, "", "advice"), language)
    return _words(language).not_counting.format(seen=seen, why=said.sentence)


def render_event(event: Event, language: str = DEFAULT_LANGUAGE) -> str:
    """Return an event as a sentence: what, where, and what was measured."""
    words = _words(language)
    seen = _step(event, words)
    place = event.read_point or event.biz_location
    if place is not None:
        seen = words.at_place.format(step=seen, place=number_of(place.id))
    readings = [text for one in event.sensor_elements for report in one.reports if (text := _reading(report))]
    if readings:
        seen = words.with_readings.format(seen=seen, readings=", ".join(readings[:_READINGS_COUNT_MAX]))
    if event.error_declaration is not None:
        seen = words.declared_wrong.format(seen=seen[:1].lower() + seen[1:])
    return words.end.format(seen=seen)


def _step(event: Event, words: _Words) -> str:
    code = event.biz_step_code
    if code is None:
        return words.no_step
    return words.steps.get(code) or number_of(code).replace("_", " ").capitalize()


def _reading(report: SensorReport) -> str:
    """Return a measured value with what it is and its unit; "" where the report has no plain value."""
    value = report.value or report.mean_value or report.max_value or report.min_value
    kind = report.type_code or report.exception_code
    if kind is None:
        return ""
    name = number_of(kind) if ":" in kind else kind
    if value is None:
        return name if report.exception_code else ""
    return f"{name} {value} {report.unit_code or ''}".rstrip()


@cache
def _words(language: str) -> _Words:
    return read_texts("serai.journey.cases", "observations", language, _Words)
