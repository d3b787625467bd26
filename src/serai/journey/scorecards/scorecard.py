"""The scorecard of a declarant out of its days: over time, against peers, what is worth mending first.
Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from statistics import quantiles
from typing import Final

import msgspec

from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.problem_texts import text_in
from serai.foundation.id_text import format_id
from serai.journey.finding_messages import sentence_of
from serai.journey.scorecards.duties import duties_on, shipped_duties
from serai.journey.scorecards.role_scores import DocumentDay, RoleScore, score_roles
from serai.journey.validation.data_quality.formula import Formula
from serai.journey.validation.data_quality.store import DaySum, DeclarantSum, DisputeRow
from serai.model.findings import Finding
from serai.model.languages import DEFAULT_LANGUAGE

FIRST_COUNT: Final = 3


class DayPoint(msgspec.Struct, frozen=True):
    """One day, UTC. score: None where nothing was taken."""

    day_on: dt.date
    messages_count: int
    refused_count: int
    score: int | None


class FaultCard(msgspec.Struct, frozen=True):
    """A check that fails or a fault that keeps messages out, over the window.

    touched_count: messages taken that it touched. refused_count: messages it kept out. person_count: of the
    touched, those in a lane that needs a person; person_percent: their share, others_percent: that of the
    declarant's messages it did not touch; None: there are none. points_lost: of a hundred, of the mean
    message. cost: what it is ordered by; `formula` says how.
    """

    code: str
    field: str
    title: str
    remedy: str
    touched_count: int
    refused_count: int
    items_count: int
    person_count: int
    person_percent: int | None
    others_percent: int | None
    points_lost: float
    cost: int


class PeerView(msgspec.Struct, frozen=True):
    """A declarant's score in one channel beside those of others with a role of its own there.

    others_count: declarants; median, quarter_low, quarter_high: of their scores, None where they are too few
    to be shown, for a figure of few would tell whose it is.
    """

    logistics_channel_code: str
    roles: list[str]
    score: int | None
    others_count: int
    median: int | None
    quarter_low: int | None
    quarter_high: int | None


class DisputeOut(msgspec.Struct, frozen=True):
    """A dispute. code: of the fault or duty, empty for the score whole. state: open, upheld or declined.
    has_document: one was sent with it. statement, answer: why, in words; null where they were erased."""

    dispute: str
    party: str
    code: str
    from_on: dt.date
    to_on: dt.date
    statement: str | None
    opened_at: dt.datetime
    state: str
    answer: str | None
    answered_at: dt.datetime | None
    has_document: bool


class Scorecard(msgspec.Struct, frozen=True):
    """How good a declarant's data was in a window. score: points earned of points asked, of a hundred, cut
    down.

    round_percent: goods items with a round price; has_many_round: more than the formula leaves unremarked.
    first: worth mending first. faults: all, the costliest first. formula_version: of docs and
    `formula.yaml`. roles: how far what it owes by each of its roles was seen to be met.
    """

    party: str
    name: str
    from_on: dt.date
    to_on: dt.date
    score: int | None
    messages_count: int
    refused_count: int
    items_count: int
    round_percent: int | None
    has_many_round: bool
    days: list[DayPoint]
    first: list[FaultCard]
    faults: list[FaultCard]
    peers: list[PeerView]
    peers_count_min: int
    disputes: list[DisputeOut]
    formula_version: int
    roles: list[RoleScore]


class DeclarantLine(msgspec.Struct, frozen=True):
    """A declarant in the list of all."""

    party: str
    name: str
    roles: list[str]
    messages_count: int
    refused_count: int
    score: int | None
    open_disputes_count: int


class DeclarantList(msgspec.Struct, frozen=True):
    """All who filed in a window, those with most to gain first."""

    from_on: dt.date
    to_on: dt.date
    declarants: list[DeclarantLine]


def build_scorecard(
    party_id: int,
    name: str,
    window: tuple[dt.date, dt.date],
    *,
    days: Sequence[DaySum],
    declarants: Sequence[DeclarantSum],
    disputes: Sequence[DisputeRow],
    formula: Formula,
    roles: Sequence[str] = (),
    documents: Sequence[DocumentDay] = (),
    language: str = DEFAULT_LANGUAGE,
) -> Scorecard:
    """Build the card. window: first day and first day after. days, disputes, documents: of this party. roles:
    that it has. language: that of titles and remedies.

    What an upheld dispute names is given back: it counts neither as a fault nor against the score.
    """
    counted = without_upheld(days, disputes)
    whole = [one for one in counted if not one.code]
    messages, items = _sum(whole, "message_count"), _sum(whole, "item_count")
    rounds = _sum(whole, "round_count")
    rule = formula.round_numbers
    faults = _faults(counted, whole, formula, language)
    return Scorecard(
        party=format_id(party_id),
        name=name,
        from_on=window[0],
        to_on=window[1] - dt.timedelta(days=1),
        score=_score(whole),
        messages_count=messages,
        refused_count=_sum(whole, "refused_count"),
        items_count=items,
        round_percent=rounds * 100 // items if items else None,
        has_many_round=items >= rule.declarant_items_min
        and rounds * 100 >= items * rule.declarant_share_max_percent,
        days=_day_points(whole, window),
        first=faults[:FIRST_COUNT],
        faults=faults,
        peers=_peers(party_id, whole, declarants, formula.peers.count_min),
        peers_count_min=formula.peers.count_min,
        disputes=[dispute_out(one) for one in disputes],
        formula_version=formula.version,
        roles=score_roles(roles, duties_on(shipped_duties(), window[1]), counted, documents, disputes),
    )


def list_declarants(
    window: tuple[dt.date, dt.date], declarants: Sequence[DeclarantSum], disputes: Sequence[DisputeRow]
) -> DeclarantList:
    """List all declarants of a window, channels together. What disputes give back their scorecards say."""
    lines = []
    for party_id in dict.fromkeys(one.party_id for one in declarants):
        own = [one for one in declarants if one.party_id == party_id]
        opened = sum(one.party_id == party_id and one.is_upheld is None for one in disputes)
        lines.append(
            DeclarantLine(
                format_id(party_id),
                own[0].name,
                own[0].roles,
                _sum(own, "message_count"),
                _sum(own, "refused_count"),
                _score(own),
                opened,
            )
        )
    lines.sort(key=lambda one: (one.score is None, one.score, one.party))
    return DeclarantList(window[0], window[1] - dt.timedelta(days=1), lines)


def dispute_out(row: DisputeRow) -> DisputeOut:
    """Return a dispute as it is told."""
    state = "open" if row.is_upheld is None else "upheld" if row.is_upheld else "declined"
    return DisputeOut(
        format_id(row.dispute_id),
        format_id(row.party_id),
        row.code,
        row.from_on,
        row.to_on,
        row.statement,
        row.opened_at,
        state,
        row.answer,
        row.answered_at,
        row.has_document,
    )


# ---- what disputes give back ----


def without_upheld(days: Sequence[DaySum], disputes: Sequence[DisputeRow]) -> list[DaySum]:
    """Take off what upheld disputes name; the points lost by it come back to the whole of its day."""
    upheld = [one for one in disputes if one.is_upheld]
    if not upheld:
        return list(days)
    kept, back = [], dict[tuple[dt.date, str], int]()
    for row in days:
        named = {one.code for one in upheld if one.from_on <= row.day_on <= one.to_on}
        if "" in named:
            continue
        if row.code and row.code in named:
            key = row.day_on, row.logistics_channel_code
            back[key] = back.get(key, 0) + row.lost_milli
        else:
            kept.append(row)
    return [
        msgspec.structs.replace(
            row, lost_milli=row.lost_milli - back.get((row.day_on, row.logistics_channel_code), 0)
        )
        if not row.code
        else row
        for row in kept
    ]


# ---- parts ----


def _sum(rows: Iterable[DaySum] | Iterable[DeclarantSum], name: str) -> int:
    return sum(getattr(row, name) for row in rows)


def _score(rows: Sequence[DaySum] | Sequence[DeclarantSum]) -> int | None:
    asked_milli = _sum(rows, "asked_points") * 1_000
    return (asked_milli - _sum(rows, "lost_milli")) * 100 // asked_milli if asked_milli else None


def _day_points(whole: Sequence[DaySum], window: tuple[dt.date, dt.date]) -> list[DayPoint]:
    by_day: dict[dt.date, list[DaySum]] = {}
    for row in whole:
        by_day.setdefault(row.day_on, []).append(row)
    points = []
    for number in range((window[1] - window[0]).days):
        day_on = window[0] + dt.timedelta(days=number)
        rows = by_day.get(day_on, [])
        points.append(
            DayPoint(day_on, _sum(rows, "message_count"), _sum(rows, "refused_count"), _score(rows))
        )
    return points


def _faults(
    counted: Sequence[DaySum], whole: Sequence[DaySum], formula: Formula, language: str
) -> list[FaultCard]:
    by_code: dict[tuple[str, str], list[DaySum]] = {}
    for row in counted:
        if row.code:
            by_code.setdefault((row.code, row.field), []).append(row)
    messages, persons = _sum(whole, "message_count"), _sum(whole, "person_count")
    asked = _sum(whole, "asked_points")
    cards = [
        _fault(code, field, rows, _Whole(messages, persons, asked, formula, language))
        for (code, field), rows in by_code.items()
    ]
    return sorted(cards, key=lambda one: (-one.cost, -one.touched_count - one.refused_count, one.code))


class _Whole(msgspec.Struct, frozen=True):
    messages: int
    persons: int
    asked_points: int
    formula: Formula
    language: str


def _fault(code: str, field: str, rows: Sequence[DaySum], whole: _Whole) -> FaultCard:
    touched, refused = _sum(rows, "message_count"), _sum(rows, "refused_count")
    persons, lost_milli = _sum(rows, "person_count"), _sum(rows, "lost_milli")
    formula = whole.formula
    others, others_persons = whole.messages - touched, whole.persons - persons
    # As many of the touched would have needed a person anyway as of the others.
    beyond = max(0, persons - (touched * others_persons // others if others else 0))
    costs = formula.costs
    return FaultCard(
        code=code,
        field=field,
        title=_title(code, formula, whole.language),
        remedy=sentence_of(Finding(code, ""), whole.language).remedy,
        touched_count=touched,
        refused_count=refused,
        items_count=_sum(rows, "item_count"),
        person_count=persons,
        person_percent=persons * 100 // touched if touched else None,
        others_percent=others_persons * 100 // others if others else None,
        points_lost=lost_milli // (whole.asked_points or 1) / 10,
        cost=costs.refused * refused + costs.person * beyond + costs.ten_points * lost_milli // 10_000,
    )


def _title(code: str, formula: Formula, language: str) -> str:
    place = formula.bit_of.get(code)
    if place is not None:
        return text_in(formula.checks[place].title, language)
    if language == DEFAULT_LANGUAGE:
        return f"Refused: {code.replace('-', ' ')}"
    # Its code stands beside it.
    return interface_words(language).gettext("Refused")


def _peers(
    party_id: int, whole: Sequence[DaySum], declarants: Sequence[DeclarantSum], count_min: int
) -> list[PeerView]:
    views = []
    own = {one.logistics_channel_code: one for one in declarants if one.party_id == party_id}
    for channel, mine in sorted(own.items()):
        roles = set(mine.roles)
        scores = [
            score
            for one in declarants
            if one.party_id != party_id and one.logistics_channel_code == channel and roles & {*one.roles}
            if (score := _score([one])) is not None
        ]
        shown = [None, None, None]
        if len(scores) >= count_min:
            shown = [int(part) for part in quantiles(scores, n=4, method="inclusive")]  # type: ignore[misc]
        low, median, high = shown
        own_score = _score([row for row in whole if row.logistics_channel_code == channel])
        views.append(PeerView(channel, mine.roles, own_score, len(scores), median, low, high))
    return views
