"""Which headings and subheadings a description speaks of: top five with score, and the words that spoke."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from serai.journey.descriptions.features import Features
from serai.journey.descriptions.weights import Floats, Weighed, Weights
from serai.model.columns import Int64s
from serai.model.text_arrays import Texts

SUGGESTED_COUNT: Final = 5
_BLOCK = 256
_REASONS_COUNT = 3
_REASON_SHARE = 0.15


class CodeScore(NamedTuple):
    """A code and how likely it is, 0 to 1."""

    code: str
    score: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """Codes of one text, likeliest first, and the words that spoke most for the first; empty if none did."""

    headings: tuple[CodeScore, ...]
    subheadings: tuple[CodeScore, ...]
    words: tuple[str, ...]


class Entries(NamedTuple):
    """Entries of the weights that texts touch. cells: text times columns plus column. places: in the
    weights. amounts: of the feature in its text. features: which of the given ones."""

    cells: Int64s
    places: Int64s
    amounts: Floats
    features: Int64s


class Likelihoods(NamedTuple):
    """Of each text (row) how likely each heading and subheading is; rows add up to one."""

    headings: Floats
    subheadings: Floats


def suggest_codes(texts: Texts, weighed: Weighed, weights: Weights) -> list[Suggested]:
    """Suggest codes for each text. weighed: its features."""
    features, amounts = weighed
    bounds = np.searchsorted(features.owners, np.arange(0, texts.count + _BLOCK, _BLOCK))
    found: list[Suggested] = []
    for block, (start, end) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
        count = min(_BLOCK, texts.count - block * _BLOCK)
        part = Features(
            features.owners[start:end] - block * _BLOCK,
            features.numbers[start:end],
            features.words[start:end],
            count,
        )
        found += _suggest_block(texts, part, amounts[start:end], weights)
    return found


def find_entries(features: Features, amounts: Floats, weights: Weights) -> Entries:
    """Spread features over the entries of their weights."""
    columns_count = len(weights.headings) + len(weights.subheadings)
    counts = weights.starts[features.numbers + 1] - weights.starts[features.numbers]
    of_feature = np.repeat(np.arange(len(counts)), counts)
    places = np.arange(len(of_feature)) + np.repeat(
        weights.starts[features.numbers] - (np.cumsum(counts) - counts), counts
    )
    cells = features.owners[of_feature] * columns_count + weights.columns[places]
    return Entries(cells, places, amounts[of_feature], of_feature)


def score_texts(entries: Entries, count: int, weights: Weights) -> Likelihoods:
    """Score every code for every text. A subheading's sum is its own and its heading's."""
    headings_count = len(weights.headings)
    columns_count = headings_count + len(weights.subheadings)
    sums = np.bincount(
        entries.cells, entries.amounts * weights.values[entries.places], minlength=count * columns_count
    ).astype(np.float32)
    table = sums.reshape(count, columns_count) * np.float32(1 / weights.temperature)
    likely = table[:, headings_count:] + np.take(table, weights.parents, axis=1)
    likely -= likely.max(axis=1, keepdims=True)
    np.exp(likely, out=likely)
    likely /= likely.sum(axis=1, keepdims=True)
    firsts = np.searchsorted(weights.parents, np.arange(headings_count))
    return Likelihoods(np.add.reduceat(likely, firsts, axis=1), likely)


def _suggest_block(texts: Texts, features: Features, amounts: Floats, weights: Weights) -> list[Suggested]:
    entries = find_entries(features, amounts, weights)
    likely = score_texts(entries, features.count, weights)
    headings, heading_scores = _top(likely.headings)
    subheadings, subheading_scores = _top(likely.subheadings)
    rendered = _words_that_spoke(entries, features, headings[:, 0], subheadings[:, 0], weights)
    has_said = np.bincount(features.owners, minlength=features.count) > 0
    rows = zip(
        _scores(weights.headings, headings, heading_scores),
        _scores(weights.subheadings, subheadings, subheading_scores),
        rendered,
        has_said.tolist(),
        strict=True,
    )
    return [
        Suggested(of_heading, of_subheading, tuple(dict.fromkeys(map(texts.word, words))))
        if said
        else Suggested((), (), ())
        for of_heading, of_subheading, words, said in rows
    ]


def _top(likely: Floats) -> tuple[Int64s, Floats]:
    """Return the likeliest columns of each row, best first, and their scores; of equals the first.

    Five times the largest is a tenth of the time of one partition.
    """
    left = likely.copy()
    rows = np.arange(len(left))
    found = np.empty((len(left), SUGGESTED_COUNT), dtype=np.int64)
    for place in range(SUGGESTED_COUNT):
        found[:, place] = left.argmax(axis=1)
        left[rows, found[:, place]] = -1
    return found, np.take_along_axis(likely, found, axis=1)


def _scores(codes: tuple[str, ...], columns: Int64s, scores: Floats) -> list[tuple[CodeScore, ...]]:
    """Return the codes and scores of each row."""
    rounded = np.round(scores.astype(np.float64), 4).tolist()
    return [
        tuple(map(CodeScore, map(codes.__getitem__, row), given))
        for row, given in zip(columns.tolist(), rounded, strict=True)
    ]


def _words_that_spoke(
    entries: Entries, features: Features, headings: Int64s, subheadings: Int64s, weights: Weights
) -> list[list[int]]:
    """Return of each text the words that added most to its first heading and subheading, most first."""
    columns_count = len(weights.headings) + len(weights.subheadings)
    first_cells = np.arange(features.count) * columns_count
    own = features.owners[entries.features]
    is_for = entries.cells == first_cells[own] + headings[own]
    is_for |= entries.cells == first_cells[own] + len(weights.headings) + subheadings[own]
    chosen = np.flatnonzero(is_for)
    parts = entries.amounts[chosen] * weights.values[entries.places[chosen]]
    words = features.words[entries.features[chosen]]
    rendered: list[list[int]] = [[] for _ in range(features.count)]
    if not len(words):
        return rendered
    distinct, place = np.unique(words, return_inverse=True)
    sums = np.bincount(place, parts)
    owners = np.zeros(len(distinct), dtype=np.int64)
    owners[place] = features.owners[entries.features[chosen]]
    totals = np.bincount(owners, np.maximum(sums, 0), minlength=features.count)
    for one in np.argsort(-sums, kind="stable").tolist():
        row = int(owners[one])
        if len(rendered[row]) < _REASONS_COUNT and sums[one] >= _REASON_SHARE * totals[row]:
            rendered[row].append(int(distinct[one]))
    return rendered
