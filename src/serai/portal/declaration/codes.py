"""Commodity codes proposed for words, each with what it covers in plain words."""

import csv
from functools import cache
from typing import Final

import msgspec

from serai.foundation.shipped import find_shipped
from serai.journey.descriptions.description import Description
from serai.journey.descriptions.goods_words import LANGUAGES, shipped_goods_words

SHOWN_MAX: Final = 4
_SCORE_MIN: Final = 0.03
"""Less likely proposals would only be in the way."""
_TABLE: Final = "tables/nomenclature/hs-2022.csv"


class Proposal(msgspec.Struct, frozen=True):
    """A code of six digits. title: its heading and itself; chapter: of what the heading is a part. English,
    as the nomenclature's table is. examples: goods of this code in the reader's language where there are
    some.
    """

    code: str
    title: str
    chapter: str
    examples: str


class Proposed(msgspec.Struct, frozen=True):
    """What was found for words. vague: the words do not tell what it is; better: words that would. because:
    the words that spoke for the first proposal.
    """

    proposals: list[Proposal]
    vague: bool
    better: str
    because: str


def proposed_of(described: Description, language: str) -> Proposed:
    """Return the proposals of a description, likeliest first."""
    likely = [one.code for one in described.hs if one.score >= _SCORE_MIN][:SHOWN_MAX]
    return Proposed(
        [_proposal(code, language) for code in likely],
        described.vague,
        "; ".join(described.suggestions),
        ", ".join(described.words),
    )


def _proposal(code: str, language: str) -> Proposal:
    titles = _titles()
    named = [titles.get(code[:length], "") for length in (4, 6)]
    known_language = language if language in LANGUAGES else LANGUAGES[0]
    return Proposal(
        code,
        ": ".join(dict.fromkeys(title for title in named if title)),
        titles.get(code[:2], ""),
        "; ".join(shipped_goods_words().suggest([code], known_language)),
    )


@cache
def _titles() -> dict[str, str]:
    """Return the titles of chapters, headings and subheadings: our own words, some of them empty."""
    text = (find_shipped("laws") / _TABLE).read_text(encoding="utf-8")
    return {row["code"]: row["title"] for row in csv.DictReader(text.splitlines())}
