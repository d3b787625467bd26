"""The data-quality score as answers tell it."""

from collections.abc import Sequence
from functools import lru_cache

from serai.journey.documents.submission import QualityOut
from serai.journey.validation.data_quality.formula import FORMULA
from serai.journey.validation.data_quality.score import Quality


def quality_out(quality: Quality | None, count: int) -> Sequence[QualityOut | None]:
    """Return the score of each document of a batch; None for each where nothing was scored."""
    if quality is None:
        return [None] * count
    return list(map(score_out, quality.score.tolist(), quality.bits.tolist()))


@lru_cache(maxsize=4_096)
def score_out(score: int, bits: int) -> QualityOut:
    """Return a stored score in words. Of many documents few fail in different ways, so they share one."""
    return QualityOut(score, tuple(FORMULA.codes_of(bits)))
