"""Whether descriptions name goods: surely not, by the list anyone can read, or likely not, by weights."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from serai.journey.descriptions.commodity import Suggested
from serai.journey.descriptions.weights import Floats, Weighed, Weights
from serai.law.vague_words import VagueWords
from serai.model.text_arrays import Texts

_TERMS_COUNT: Final = 5
_SCORE_MIN: Final = 1e-4


class Vagueness(NamedTuple):
    """What is said of one description.

    is_listed: all its words are on the list of vague words. score: 0 to 1, how likely it names no goods.
    is_vague: listed, or likely enough. terms: the words that make it so; empty if it is not.
    """

    is_listed: bool
    score: float
    is_vague: bool
    terms: tuple[str, ...]


def find_vagueness(
    descriptions: Sequence[str],
    texts: Texts,
    weighed: Weighed,
    suggested: Sequence[Suggested],
    *,
    words: VagueWords,
    weights: Weights,
) -> list[Vagueness]:
    """Say of each description how vague it is. texts, weighed: the same, cut. suggested: their codes; who
    speaks of one heading surely is hardly vague, whatever the words."""
    sums, parts = sum_vagueness(weighed, suggested, weights)
    scores = 1 / (1 + np.exp(-sums))
    folded = [one.lower() for one in descriptions]
    listed = words.test(folded)
    is_likely = scores >= weights.vague_threshold
    of_words = np.bincount(weighed.features.words, parts, minlength=len(texts.starts))
    bounds = np.searchsorted(texts.owners, np.arange(texts.count + 1)).tolist()
    found = []
    for row in range(texts.count):
        is_listed, is_vague = listed[row], bool(listed[row] or is_likely[row])
        terms: tuple[str, ...] = ()
        if is_vague:
            terms = words.find_terms(folded[row]) if is_listed else ()
            first, end = bounds[row], bounds[row + 1]
            terms = terms or _most_vague(texts, range(first, end), of_words[first:end].tolist())
        found.append(
            Vagueness(is_listed, 1.0 if is_listed else round(float(scores[row]), 4), is_vague, terms)
        )
    return found


def sum_vagueness(
    weighed: Weighed, suggested: Sequence[Suggested], weights: Weights
) -> tuple[Floats, Floats]:
    """Return of each text what speaks for vagueness, and of each feature its part in that."""
    features, amounts = weighed
    parts = amounts * weights.vague_values[features.numbers]
    sums = np.bincount(features.owners, parts, minlength=features.count) + weights.vague_bias
    return (sums + weights.vague_doubt * measure_doubt(suggested)).astype(np.float32), parts


def measure_doubt(suggested: Sequence[Suggested]) -> Floats:
    """Measure how little each text tells its heading: the surprise at the likeliest one, 0 if it is sure."""
    firsts = [one.headings[0].score if one.headings else 0.0 for one in suggested]
    return -np.log(np.maximum(np.array(firsts, dtype=np.float32), np.float32(_SCORE_MIN)))


def _most_vague(texts: Texts, words: range, parts: Sequence[float]) -> tuple[str, ...]:
    """Return the words that speak for vagueness, most first; if none alone does, all of them."""
    ranked = sorted(zip(parts, words, strict=True), key=lambda pair: -pair[0])
    rendered = [word for part, word in ranked if part > 0] or list(words)
    return tuple(dict.fromkeys(texts.word(word) for word in rendered))[:_TERMS_COUNT]
