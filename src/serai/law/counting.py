"""What a law counts over several consignments: a buyer's allowance of a period, the value of a day.

Each is a cumulative_allowance: consignments of one holder (a person, or all that have parties in common) add
to it in their order, and the law reads what stood on it before.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from serai.law.pack import Allowance, MomentName, Pack
from serai.law.program import Program
from serai.model.columns import Int64s

CountedWord = Literal["allowance_used", "same_day_value"]
COUNTED_WORDS: Final[tuple[CountedWord, ...]] = ("allowance_used", "same_day_value")
DRAWN_OF: Final[dict[CountedWord, str]] = {
    "allowance_used": "allowance_drawn",
    "same_day_value": "aggregated_value",
}
"""The definition that says what a consignment adds to the cumulative allowance behind a word."""

_BUYER: Final = ("buyer",)
_MONTHS: Final = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Counted:
    """One cumulative allowance of a law.

    word: gives what stood on it before. cumulative_allowance: its name, the same in all versions of the law
    that lie in one slot, so that a new version goes on with what was drawn under the old one. holder: whose
    it is: the buyer, or the parties that consignments have in common. moment: whose local day picks the
    period, else the fallback's; None: the day that picks the law. is_given_back: a withdrawn consignment
    frees what it drew.
    """

    word: CountedWord
    cumulative_allowance: str
    holder: tuple[str, ...]
    per: str
    moment: MomentName | None
    fallback_moment: MomentName | None
    is_given_back: bool
    reopens_earlier: bool


def counted_by(program: Program) -> tuple[Counted, ...]:
    """Return the cumulative allowances of a program: at most one for each word."""
    found: dict[CountedWord, Counted] = {}
    for pack in program.packs:
        if pack.allowance is not None:
            found["allowance_used"] = _of_allowance(pack, pack.allowance, program.currency)
        if pack.aggregation is not None:
            found["same_day_value"] = Counted(
                word="same_day_value",
                cumulative_allowance=_cumulative_allowance(
                    pack, "same day", *pack.aggregation.together, program.currency
                ),
                holder=tuple(sorted(pack.aggregation.together)),
                per="day",
                moment=pack.aggregation.moment,
                fallback_moment=pack.aggregation.fallback_moment,
                is_given_back=True,
                reopens_earlier=pack.aggregation.reopens_earlier,
            )
    return tuple(found.values())


def counts(pack: Pack) -> bool:
    """Say whether a pack counts over several consignments."""
    return pack.allowance is not None or pack.aggregation is not None


def _of_allowance(pack: Pack, allowance: Allowance, currency: str) -> Counted:
    unit = currency if allowance.kind == "money" else allowance.kind
    return Counted(
        word="allowance_used",
        cumulative_allowance=_cumulative_allowance(pack, allowance.per, unit),
        holder=_BUYER,
        per=allowance.per,
        moment=None,
        fallback_moment=None,
        is_given_back=allowance.is_given_back,
        reopens_earlier=allowance.reopens_earlier,
    )


def _cumulative_allowance(pack: Pack, *what: str) -> str:
    """Return the name of a cumulative_allowance: the pack's slot, and what is counted there in which unit."""
    slot = (pack.jurisdiction, pack.layer, ",".join(sorted(pack.channels)), ",".join(sorted(pack.procedures)))
    return "/".join((*slot, *what))


def period_begins(days: Int64s, per: str) -> Int64s:
    """Return the first day of the calendar period each day lies in (days since 1970)."""
    if per == "day":
        return days
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first = months // _MONTHS[per] * _MONTHS[per]
    begins: Int64s = first.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return begins
