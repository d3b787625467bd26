"""A stream of declarations played day by day: what rules, a model, or both together would have looked at.

Only what was looked at becomes known, and only from the next week on: the history of parties is made anew
each week, as `serai risk refresh` does, of the weeks before alone.
"""

from dataclasses import dataclass, replace
from typing import Final

import msgspec
import numpy as np

from serai.journey.risk_model.declared import of_consignments
from serai.journey.risk_model.model import RiskModel, to_ppm
from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.training import Settings, refresh
from serai.journey.selection.risk_file import RiskFile
from serai.journey.selection.rules import NOT_DECIDED, DaySums, Hits, SelectionContext, select
from serai.model.columns import Flags, Int64s

_DAYS_OF_WEEK: Final = 7
_PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Stream:
    """Declarations in order of time, each outcome known to whoever looks. known: rows of goods items; owner:
    the declaration of each. hits: which rule spoke of which declaration. is_found: 1 or 0, day: since 1970,
    one a declaration."""

    known: Examined
    owner: Int64s
    hits: Hits
    is_found: Flags
    day: Int64s

    @property
    def count(self) -> int:
        """How many declarations there are."""
        return len(self.day)


def play(stream: Stream, model: RiskModel | None, file: RiskFile, *, with_rules: bool, seed: int) -> Flags:
    """Return which declarations were looked at within the budget of the file. model: None: rules alone.
    seed: of the draws of the random share."""
    draws = np.random.default_rng(seed).integers(0, 1 << 62, stream.count)
    chosen = np.zeros(stream.count, dtype=np.bool_)
    of_week, week = None, -1
    for day in np.unique(stream.day).tolist():
        if model is not None and day // _DAYS_OF_WEEK != week:
            week = day // _DAYS_OF_WEEK
            of_week = refresh(model, known_before(stream, chosen, week * _DAYS_OF_WEEK), Settings())
        today = np.flatnonzero(stream.day == day)
        flags = stream.hits.flags[:, today]
        context = SelectionContext(
            file, b"", draws[today], np.full(len(today), NOT_DECIDED), DaySums(0, 0, 0)
        )
        hits = Hits(flags if with_rules else np.zeros_like(flags))
        selected = select(hits, _scores(stream, of_week, today), context)
        chosen[today] = selected.source > 0
    return chosen


def known_before(stream: Stream, chosen: Flags, day: int) -> Examined:
    """Return the rows of declarations before a day, with the outcomes of those that were looked at."""
    rows = np.flatnonzero(stream.day[stream.owner] < day)
    known = stream.known.take(rows)
    is_examined = chosen[stream.owner[rows]]
    return replace(known, is_found=np.where(is_examined, known.is_found, 0.0), is_examined=is_examined)


def with_share(file: RiskFile, flow_share_ppm: int) -> RiskFile:
    """Return the file with another share of the flow that can be looked at, the model asking whenever
    there is room."""
    budget = msgspec.structs.replace(
        file.budget,
        flow_share_ppm=flow_share_ppm,
        inspections_per_day_count=10_000_000,
        model_score_min_ppm=0,
    )
    return msgspec.structs.replace(file, budget=budget)


def _scores(stream: Stream, model: RiskModel | None, today: Int64s) -> Int64s | None:
    if model is None:
        return None
    rows = np.flatnonzero(np.isin(stream.owner, today))
    owner = stream.owner[rows]
    first_items = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    return to_ppm(of_consignments(model.probabilities(stream.known.rows.take(rows)), first_items))
