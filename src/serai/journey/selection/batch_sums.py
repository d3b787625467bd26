"""What a batch came to, and what several came to together. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Groups = Mapping[str, Mapping[str, int]]
"""Dimension -> group -> count."""


class BatchSums(NamedTuple):
    """What a batch came to. seen: dimension -> group -> count; hits: measure -> dimension -> group ->
    count. score_key, score_counts: by which groups of score, and how many parcels in each; None: no model
    scored.
    """

    seen_count: int
    targeted_count: int
    random_count: int
    candidates_count: int
    seen: Groups
    hits: Mapping[str, Groups]
    score_key: int | None = None
    score_counts: list[int] | None = None


def merge_sums(batches: Sequence[BatchSums]) -> BatchSums:
    """Return what batches came to together; at least one, all of the same groups of score."""
    assert len({one.score_key for one in batches}) == 1, "others are not to be added"
    scored = [one.score_counts for one in batches if one.score_counts is not None]
    return BatchSums(
        sum(one.seen_count for one in batches),
        sum(one.targeted_count for one in batches),
        sum(one.random_count for one in batches),
        sum(one.candidates_count for one in batches),
        _add(one.seen for one in batches),
        {
            measure: _add(one.hits[measure] for one in batches if measure in one.hits)
            for measure in sorted({measure for one in batches for measure in one.hits})
        },
        batches[0].score_key,
        [sum(place) for place in zip(*scored, strict=True)] if scored else None,
    )


def _add(parts: Iterable[Groups]) -> dict[str, dict[str, int]]:
    added: dict[str, Counter[str]] = {}
    for part in parts:
        for dimension, groups in part.items():
            added.setdefault(dimension, Counter()).update(groups)
    return {dimension: dict(groups) for dimension, groups in added.items()}
