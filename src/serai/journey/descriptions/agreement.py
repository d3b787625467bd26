"""Whether a commodity code and a description speak of the same goods."""

from enum import StrEnum
from typing import Final, NamedTuple

from serai.journey.descriptions.commodity import CodeScore, Suggested

SURE_SCORE: Final = 0.6
"""Only who is this sure of another heading doubts the declared one."""
POSSIBLE_SCORE: Final = 0.02
"""A heading at least this likely agrees, however much likelier another is."""


class Verdict(StrEnum):
    """agrees: the description speaks of the declared heading. doubtful: it speaks of another. untold: it does
    not say enough to tell."""

    AGREES = "agrees"
    DOUBTFUL = "doubtful"
    UNTOLD = "untold"


class Agreement(NamedTuple):
    """A verdict with its reason.

    declared_score: how likely the declared heading is, 0 if it is not among the first. suggestion: the code
    it speaks of if doubtful. words: those that speak for the suggestion.
    """

    verdict: Verdict
    declared_score: float
    suggestion: CodeScore | None
    words: tuple[str, ...]


def compare_code(commodity_code: str, suggested: Suggested) -> Agreement:
    """Compare a declared code of four digits or more with what its description suggests.

    Only headings are compared: below them tariffs ask for facts that descriptions seldom tell.
    """
    scores = {one.code: one.score for one in suggested.headings}
    declared_score = scores.get(commodity_code[:4], 0.0)
    if declared_score >= POSSIBLE_SCORE:
        return Agreement(Verdict.AGREES, declared_score, None, ())
    first = next(iter(suggested.headings), None)
    if first is None or first.score < SURE_SCORE or len(commodity_code) < 4:
        return Agreement(Verdict.UNTOLD, declared_score, None, ())
    within = [one for one in suggested.subheadings if one.code.startswith(first.code)]
    return Agreement(Verdict.DOUBTFUL, declared_score, within[0] if within else first, suggested.words)
