"""How good a score is, and how far the world has moved from what it was trained on. Pure."""

import msgspec
import numpy as np

from serai.journey.risk_model.rows import Float64s

_BINS = 10
_SHARE_MIN = 1e-4


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of scores against what was found.

    auc: chance that a row with a find stands above one without; ties count half; None: only one kind of row.
    precision_at_10_percent: share of finds among the tenth with the highest scores; ties broken by the order
    of rows. calibration_error: mean distance of stated and found share over ten groups of like score.
    """

    rows: int
    base_rate: float
    auc: float | None
    precision_at_10_percent: float
    calibration_error: float


def quality_of(score: Float64s, is_found: Float64s) -> Quality:
    """Return the figures. score: probabilities, one a row, at least one row."""
    return Quality(
        rows=len(score),
        base_rate=round(float(is_found.mean()), 4),
        auc=area_under_curve(score, is_found),
        precision_at_10_percent=precision_at(score, is_found, 0.1),
        calibration_error=calibration_error(score, is_found),
    )


def area_under_curve(score: Float64s, is_found: Float64s) -> float | None:
    """Return the area under the curve of true against false positives, by ranks (Mann and Whitney)."""
    found = int(is_found.sum())
    others = len(is_found) - found
    if not found or not others:
        return None
    _, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return round(float((rank[is_found > 0].sum() - found * (found + 1) / 2) / (found * others)), 4)


def precision_at(score: Float64s, is_found: Float64s, share: float) -> float:
    """Return the share of finds among the rows with the highest scores. share: of all rows, rounded up."""
    best = np.argsort(-score, kind="stable")[: int(np.ceil(len(score) * share))]
    return round(float(is_found[best].mean()), 4)


def calibration_error(score: Float64s, is_found: Float64s) -> float:
    """Return the mean distance of what was said and what was found, over ten groups of like score."""
    groups = np.array_split(np.argsort(score, kind="stable"), _BINS)
    apart = [abs(float(score[one].mean() - is_found[one].mean())) * len(one) for one in groups if len(one)]
    return round(sum(apart) / len(score), 4)


def bin_edges(values: Float64s) -> Float64s:
    """Return the edges that cut known values into ten groups of like size; fewer where values repeat."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.zeros(0)
    return np.unique(np.quantile(known, np.linspace(0.1, 0.9, _BINS - 1), method="higher"))


def bin_shares(values: Float64s, edges: Float64s) -> Float64s:
    """Return the share of values in each group between edges, and last the share that is unknown."""
    is_known = np.isfinite(values)
    inside = np.bincount(np.searchsorted(edges, values[is_known], side="left"), minlength=len(edges) + 1)
    return np.append(inside, (~is_known).sum()) / max(len(values), 1)


def population_stability(expected: Float64s, actual: Float64s) -> float:
    """Return the population stability index of two distributions over the same groups: below 0.1 the same,
    above 0.25 another population (Siddiqi 2006)."""
    before, now = np.maximum(expected, _SHARE_MIN), np.maximum(actual, _SHARE_MIN)
    return round(float(((now - before) * np.log(now / before)).sum()), 4)
