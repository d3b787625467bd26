"""Citations of a scheme number, counted for its holder: by day, and why tokens were refused."""

import datetime as dt
from collections import Counter, defaultdict

import msgspec

from serai.app import Node
from serai.foundation.access.actor import Actor
from serai.foundation.id_text import format_id
from serai.journey.tax_paid.citing import store as citing_store
from serai.journey.tax_paid.citing.outcomes import MISSING, PROVEN, REFUSED, WITHOUT
from serai.journey.tax_paid.citing.store import Period
from serai.journey.tax_paid.trust import store
from serai.model.errors import SeraiError
from serai.web.administering_api import whose_rows

_DAYS_COUNT = 31
_DAY = dt.timedelta(days=1)


class CitationDay(msgspec.Struct, frozen=True):
    """What was cited on a day (UTC). cited_count: all. proven_count: with a token that is good.
    without_count: without one, where none was asked for. missing_count: without one, though you say that
    all carry one. refused_count: with a token that was refused."""

    day: dt.date
    cited_count: int
    proven_count: int
    without_count: int
    missing_count: int
    refused_count: int


class RefusedCount(msgspec.Struct, frozen=True):
    """How many tokens were refused for a reason."""

    code: str
    count: int


class CitationsOut(msgspec.Struct, frozen=True):
    """Citations of a scheme number. days: the newest first, those without any left out. total: of them
    all. is_alert: some were not believed."""

    scheme: str
    scheme_kind_code: str
    number: str
    tokens_from: dt.date | None
    from_on: dt.date
    to_on: dt.date
    days: list[CitationDay]
    total: CitationDay
    refused: list[RefusedCount]
    is_alert: bool


async def read_citations(
    node: Node, actor: Actor, scheme_id: int, *, from_on: dt.date | None, to_on: dt.date | None
) -> CitationsOut:
    """Return what citations of a number came to. Raises SeraiError `not-found`: whoever does not hold it
    learns nothing of it."""
    to_on = to_on or node.clock.now().date()
    from_on = from_on or to_on - (_DAYS_COUNT - 1) * _DAY
    key = {"administration_id": node.administration_id}
    period = Period(_midnight(from_on), _midnight(to_on + _DAY))
    async with node.database.read(node.administration_id) as connection:
        scheme = await store.select_scheme(connection, scheme_id, whose_rows(actor), **key)
        if scheme is None:
            raise SeraiError(
                "not-found",
                "You hold no such scheme number.",
                "Read GET /v1/schemes for those that you hold.",
            )
        counted = await citing_store.select_days(connection, scheme_id, period, **key)
        refused = await citing_store.select_refusals(connection, scheme_id, period, **key)
    by_day: dict[dt.date, Counter[str]] = defaultdict(Counter)
    for day, outcome, count in counted:
        by_day[day][outcome] += count
    total: Counter[str] = sum(by_day.values(), Counter())
    return CitationsOut(
        format_id(scheme.scheme_id),
        scheme.scheme_kind_code,
        scheme.number,
        scheme.tokens_from,
        from_on,
        to_on,
        [_day(day, its) for day, its in by_day.items()],
        _day(to_on, total),
        [RefusedCount(code, count) for code, count in refused],
        bool(total[MISSING] or total[REFUSED]),
    )


def _day(day: dt.date, its: Counter[str]) -> CitationDay:
    return CitationDay(day, its.total(), its[PROVEN], its[WITHOUT], its[MISSING], its[REFUSED])


def _midnight(on: dt.date) -> dt.datetime:
    return dt.datetime.combine(on, dt.time(), dt.UTC)
