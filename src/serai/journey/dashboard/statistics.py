"""The flow in figures: lanes, sums, destinations, hours, speed, the latest decisions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from serai.foundation.http.interface_words import interface_words
from serai.foundation.id_text import format_id
from serai.foundation.metrics import Metrics
from serai.journey.cases.page_words import country_name, status_word, words_of
from serai.journey.dashboard.arrivals import Share, Sum
from serai.journey.decision.rules import NO_LAW, PERSON_LANES, SHOWN_LANES, shown_lane
from serai.journey.statistics.store import (
    CountryCount,
    DashboardReader,
    HourCount,
    LaneCount,
    LogBatchRow,
    TaxSum,
)
from serai.journey.tasks.rules import KINDS_WITHOUT_LANE, queue_of
from serai.model.frames import STATUSES
from serai.model.money import format_minor
from serai.model.packed_columns import read_bits
from serai.model.packed_detail import DUES

WINDOW = timedelta(hours=24)
LATEST_COUNT = 10
DESTINATIONS_SHOWN = 12
LOG_BATCHES_READ = 200
FILING_PAUSE_MAX = timedelta(seconds=3)
"""Batches further apart belong to different submissions."""
_FILING_SPAN_MIN = timedelta(milliseconds=200)


class StatusCount(msgspec.Struct, frozen=True):
    """Parcels in one status; those in review for want of a law apart."""

    status: str
    title: str
    lane: str
    parcels_count: int


class Tax(msgspec.Struct, frozen=True):
    """Charges of one type in one currency, by where they are due."""

    tax_type_code: str
    title: str
    due: str
    due_title: str
    charges_count: int
    sum: Sum


class Destination(msgspec.Struct, frozen=True):
    """Parcels to one country; code None: all further ones together."""

    country_code: str | None
    title: str
    parcels_count: int


class Hour(msgspec.Struct, frozen=True):
    """Parcels decided in one hour; person_count: of these that need a person."""

    hour_at: datetime
    parcels_count: int
    person_count: int


class Queue(msgspec.Struct, frozen=True):
    """Parcels about which a person is asked, whichever lane they are in. task: of TASK_KINDS."""

    task: str
    title: str
    parcels_count: int


class Speed(msgspec.Struct, frozen=True):
    """How fast it goes.

    last_filing_per_second: parcels decided and durable a second while the last large filing ran, None if none
    was long enough to tell. batch_seconds_max: the slowest batch of this process took no longer.
    """

    last_filing_per_second: int | None
    last_filing_at: datetime | None
    batch_seconds_max: float | None


class Latest(msgspec.Struct, frozen=True):
    """One of the newest decisions."""

    case_id: str
    reference: str
    lane: str
    status: str
    destination: str
    decided_at: datetime


class Figures(msgspec.Struct, frozen=True):
    """The flow of a day. queues: open now, whenever opened. hours: every hour of the window, also empty ones,
    the newest last.

    without_law_count: parcels for which no law is loaded; nobody can decide these, so they need no person.
    """

    since: datetime
    parcels_count: int
    person_count: int
    without_law_count: int
    queues: list[Queue]
    lanes: list[Share]
    statuses: list[StatusCount]
    taxes: list[Tax]
    totals: list[Sum]
    destinations: list[Destination]
    hours: list[Hour]
    speed: Speed
    latest: list[Latest]


async def read_statistics(
    reader: DashboardReader,
    metrics: Metrics,
    titles: Mapping[tuple[str, str, str], str],
    *,
    at: datetime,
    language: str = "en",
) -> Figures:
    """Return the figures of the last day. titles: of taxes, by type, currency and where due."""
    since = at.replace(minute=0, second=0, microsecond=0) - WINDOW + timedelta(hours=1)
    lanes = await reader.lanes(since)
    taxes = [_tax(one, titles, language) for one in await reader.taxes(since)]
    latest = await reader.latest(LATEST_COUNT)
    return Figures(
        since=since,
        parcels_count=sum(one.row_count for one in lanes),
        person_count=sum(one.row_count for one in lanes if one.lane in PERSON_LANES),
        without_law_count=sum(one.row_count for one in lanes if one.lane == NO_LAW),
        queues=_queues(await reader.queues(), language),
        lanes=[
            Share(name, sum(one.row_count for one in lanes if one.lane == place))
            for place, name in enumerate(SHOWN_LANES)
        ],
        statuses=_statuses(lanes, language),
        taxes=taxes,
        totals=_totals(taxes),
        destinations=_destinations(await reader.destinations(since), language),
        hours=_hours(await reader.hours(since), since),
        speed=measure_speed(await reader.log_batches(LOG_BATCHES_READ), metrics),
        latest=[
            Latest(
                format_id(one.case_id),
                one.reference,
                SHOWN_LANES[shown_lane(one.lane, read_bits(one.reasons))],
                status_word(one.status, language),
                country_name(one.consignee_country_code, language),
                one.decided_at,
            )
            for one in latest
        ],
    )


def measure_speed(batches: Sequence[LogBatchRow], metrics: Metrics) -> Speed:
    """Return the speed of the last submission: batches without a pause between them. batches: the newest
    first.

    A batch's time is when it began, so the newest one's parcels are not counted.
    """
    submission = list(batches[:1])
    for one in batches[1:]:
        if submission[-1].promised_at - one.promised_at > FILING_PAUSE_MAX:
            break
        submission.append(one)
    slowest = slowest_batch_seconds(metrics)
    if len(submission) < 2 or submission[0].promised_at - submission[-1].promised_at < _FILING_SPAN_MIN:
        return Speed(None, None, slowest)
    span = submission[0].promised_at - submission[-1].promised_at
    leaves = sum(one.leaf_count for one in submission[1:])
    return Speed(
        leaves * 1_000_000 // (span // timedelta(microseconds=1)), submission[0].promised_at, slowest
    )


def slowest_batch_seconds(metrics: Metrics) -> float | None:
    """Return the bound below which every batch of this process stayed, None if there is none."""
    samples = [
        one for one in next(iter(metrics.batch_seconds.collect())).samples if one.name.endswith("_bucket")
    ]
    total = max((one.value for one in samples), default=0)
    if not total:
        return None
    bound = min(float(one.labels["le"]) for one in samples if one.value == total)
    return None if bound == float("inf") else bound


def _queues(counts: Mapping[int, int], language: str) -> list[Queue]:
    return [
        Queue(task, words_of(language).tasks[task], counts[queue_of(task)])
        for task in KINDS_WITHOUT_LANE
        if queue_of(task) in counts
    ]


def _statuses(lanes: Sequence[LaneCount], language: str) -> list[StatusCount]:
    found = []
    for place, status in enumerate(STATUSES):
        here = [one for one in lanes if one.status == place and one.lane != NO_LAW]
        if here:
            lane = SHOWN_LANES[max(here, key=lambda one: one.row_count).lane]
            found.append(
                StatusCount(status, status_word(place, language), lane, sum(one.row_count for one in here))
            )
    for one in lanes:
        if one.lane == NO_LAW:
            title = f"{status_word(one.status, language)}, {words_of(language).without_law}"
            found.append(StatusCount(STATUSES[one.status], title, SHOWN_LANES[NO_LAW], one.row_count))
    return found


def _tax(one: TaxSum, titles: Mapping[tuple[str, str, str], str], language: str) -> Tax:
    due = DUES[one.due]
    title = titles.get((one.tax_type_code, one.currency_code, due), one.tax_type_code)
    amount = format_minor(one.amount_minor, one.currency_code)
    return Tax(
        one.tax_type_code,
        title,
        due,
        words_of(language).dues[due],
        one.row_count,
        Sum(one.currency_code, amount, one.amount_minor),
    )


def _totals(taxes: Sequence[Tax]) -> list[Sum]:
    sums: dict[str, int] = {}
    for one in taxes:
        sums[one.sum.currency_code] = sums.get(one.sum.currency_code, 0) + one.sum.amount_minor
    return [
        Sum(currency, format_minor(amount, currency), amount) for currency, amount in sorted(sums.items())
    ]


def _destinations(counts: Sequence[CountryCount], language: str) -> list[Destination]:
    shown = [
        Destination(one.country_code, country_name(one.country_code, language), one.row_count)
        for one in counts[:DESTINATIONS_SHOWN]
    ]
    rest = counts[DESTINATIONS_SHOWN:]
    if rest:
        shown.append(
            Destination(
                None,
                interface_words(language).ngettext("One more country", "%(count)s more countries", len(rest))
                % {"count": len(rest)},
                sum(one.row_count for one in rest),
            )
        )
    return shown


def _hours(counts: Sequence[HourCount], since: datetime) -> list[Hour]:
    by_hour = {one.hour_at: one for one in counts}
    hours = []
    for number in range(int(WINDOW / timedelta(hours=1))):
        hour_at = since + timedelta(hours=number)
        one = by_hour.get(hour_at)
        hours.append(Hour(hour_at, one.row_count if one else 0, (one.held_count or 0) if one else 0))
    return hours
