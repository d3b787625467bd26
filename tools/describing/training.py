"""Training in NumPy: a softmax over subheadings with sparse weights, and a logistic sum for vagueness.

Only pairs of feature and code that met in a text have a weight: it keeps the file small, and each weight has
an example that can be named. Deterministic: one thread, fixed seeds, texts in the order of the files.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from serai.journey.descriptions.commodity import Entries, Likelihoods, find_entries, score_texts
from serai.journey.descriptions.features import FEATURES_COUNT, Features, hash_features
from serai.journey.descriptions.weights import Floats, Weights, weigh_features
from serai.model.columns import Int64s
from serai.model.text_arrays import cut_texts

from tools.describing.references import LABELLED, Example

SEEDS: Final = (20261125, 20261126)
"""Weights are the mean of those each gives: chance takes less part in them, and the file is no larger."""
_EPOCHS, _BATCH, _LEARNING_RATE, _DROPPED_SHARE = 3, 256, 0.15, 0.4
_SHARPNESS = 12.0
_FEATURE_TEXTS_MAX = 1000
_LABELLED_TIMES = 2
_ENTRIES_KEPT = 800_000
_VAGUE_STEPS, _VAGUE_RATE, _VAGUE_DECAY = 120, 0.1, 1e-6
_VAGUE_SHARE_OF: Final = {"harmonized-system": 0.3, "us_hts8": 0.1, "goods_words": 0.5, "parcel_words": 0.5}


class _Prepared(NamedTuple):
    """Texts as weighed features. starts: of each text's features."""

    features: Features
    amounts: Floats
    starts: Int64s


def train(examples: Sequence[Example], vague: Sequence[str], version: str) -> Weights:
    """Train on examples with codes and on vague texts."""
    return _train_vagueness(examples, vague, train_codes(examples, version))


def train_codes(examples: Sequence[Example], version: str) -> Weights:
    """Train on examples with codes alone: the weights know nothing of vagueness."""
    weights = _prepare_weights(examples, version)
    values = np.mean([_descend(examples, weights, seed) for seed in SEEDS], axis=0)
    return _keep_largest(replace(weights, values=values))


def fit_temperature(weights: Weights, examples: Sequence[Example]) -> float:
    """Return the temperature under which scores of other examples are most honest (least log loss)."""
    prepared = _prepare([one.text for one in examples], weights.rarity)
    truths = _columns_of([one.code[:4] for one in examples], weights.headings)
    losses: dict[float, float] = {}
    for temperature in (np.geomspace(0.5, 8, 25) / _SHARPNESS).tolist():
        tried = replace(weights, temperature=temperature)
        likely = np.concatenate([part.headings for part in _score_all(prepared, tried)])
        chosen = likely[np.arange(len(truths)), truths][truths >= 0]
        losses[temperature] = float(-np.log(np.maximum(chosen, 1e-6)).mean())
    return min(losses.items(), key=lambda pair: pair[1])[0]


# ---- codes ----


def _prepare_weights(examples: Sequence[Example], version: str) -> Weights:
    """Return weights of nothing yet: which features count, and which pairs of feature and code there are."""
    features = hash_features(cut_texts([one.text for one in examples]))
    keys = np.unique(features.owners * FEATURES_COUNT + features.numbers)
    owners, numbers = keys // FEATURES_COUNT, keys % FEATURES_COUNT
    text_counts = np.bincount(numbers, minlength=FEATURES_COUNT)
    rarity = np.log((1 + len(examples)) / (1 + text_counts)).astype(np.float32)
    rarity[(text_counts == 0) | (text_counts > _FEATURE_TEXTS_MAX)] = 0
    subheadings = tuple(sorted({one.code[:6] for one in examples if len(one.code) >= 6}))
    headings = tuple(sorted({code[:4] for code in subheadings}))
    headings_count, columns_count = len(headings), len(headings) + len(subheadings)
    of_heading = _columns_of([one.code[:4] for one in examples], headings)[owners]
    of_subheading = _columns_of([one.code[:6] for one in examples], subheadings)[owners]
    counts = rarity[numbers] > 0
    met = np.concatenate(
        (
            (numbers * columns_count + of_heading)[counts & (of_heading >= 0)],
            (numbers * columns_count + headings_count + of_subheading)[counts & (of_subheading >= 0)],
        )
    )
    pairs = np.unique(met)
    return Weights(
        version=version,
        headings=headings,
        subheadings=subheadings,
        parents=_columns_of([code[:4] for code in subheadings], headings),
        rarity=rarity,
        starts=np.searchsorted(pairs // columns_count, np.arange(FEATURES_COUNT + 1)),
        columns=(pairs % columns_count).astype(np.uint16),
        values=np.zeros(len(pairs), dtype=np.float32),
        temperature=1 / _SHARPNESS,
        vague_values=np.zeros(FEATURES_COUNT, dtype=np.float32),
        vague_doubt=0.0,
        vague_bias=0.0,
        vague_threshold=0.0,
    )


def _descend(examples: Sequence[Example], weights: Weights, seed: int) -> Floats:
    """Descend the log loss, half of it of the heading, half of the subheading; some features drop out each
    time, since real texts lack words too."""
    prepared = _prepare([one.text for one in examples], weights.rarity)
    headings = _columns_of([one.code[:4] for one in examples], weights.headings)
    subheadings = _columns_of([one.code[:6] for one in examples], weights.subheadings)
    times = [_LABELLED_TIMES if one.source in LABELLED else 1 for one in examples]
    rows = np.repeat(np.arange(len(examples)), times)
    rows = rows[headings[rows] >= 0]
    random = np.random.default_rng(seed)
    values = np.zeros(len(weights.columns), dtype=np.float32)
    squares = np.full(len(values), 1e-2, dtype=np.float32)
    for epoch in range(_EPOCHS):
        rate = np.float32(_LEARNING_RATE * (1 - epoch / _EPOCHS) + _LEARNING_RATE / 20)
        shuffled = random.permutation(rows)
        for start in range(0, len(shuffled), _BATCH):
            batch = shuffled[start : start + _BATCH]
            features, amounts = _drop_some(*_take(prepared, batch), random)
            step = replace(weights, values=values)
            entries = find_entries(features, amounts, step)
            likely = score_texts(entries, len(batch), step)
            slope = _slope(likely, headings[batch], subheadings[batch], weights)
            gradient = np.bincount(
                entries.places, slope.ravel()[entries.cells] * entries.amounts, minlength=len(values)
            ).astype(np.float32)
            touched = np.flatnonzero(gradient)
            squares[touched] += gradient[touched] ** 2
            values[touched] -= rate * gradient[touched] / np.sqrt(squares[touched])
    return values


def _slope(likely: Likelihoods, headings: Int64s, subheadings: Int64s, weights: Weights) -> Floats:
    """Return the slope of the loss at each sum, headings first."""
    rows = np.arange(len(headings))
    right = likely.headings[rows, headings]
    within = likely.subheadings * (weights.parents[None, :] == headings[:, None])
    wanted = within / np.maximum(right, 1e-9)[:, None]
    is_known = subheadings >= 0
    wanted[is_known] *= 0.5
    wanted[rows[is_known], subheadings[is_known]] += 0.5
    slope = likely.subheadings - wanted
    firsts = np.searchsorted(weights.parents, np.arange(len(weights.headings)))
    return np.concatenate((np.add.reduceat(slope, firsts, axis=1), slope), axis=1)


def _keep_largest(weights: Weights) -> Weights:
    """Drop the smallest weights: the file stays small, and hardly an answer changes."""
    sizes = np.abs(weights.values)
    least = np.partition(sizes, max(len(sizes) - _ENTRIES_KEPT, 0))[max(len(sizes) - _ENTRIES_KEPT, 0)]
    kept = np.flatnonzero((sizes >= least) & (sizes > 0))
    starts = np.searchsorted(kept, weights.starts)
    return replace(weights, starts=starts, columns=weights.columns[kept], values=weights.values[kept])


# ---- vagueness ----


def _train_vagueness(examples: Sequence[Example], vague: Sequence[str], weights: Weights) -> Weights:
    """Fit a logistic sum over the features (Adam, the whole at each step); both sides weigh the same."""
    prepared = _prepare([*[one.text for one in examples], *vague], weights.rarity)
    truth = np.concatenate((np.zeros(len(examples)), np.ones(len(vague))))
    share = np.array([_VAGUE_SHARE_OF.get(one.source, 1.0) for one in examples] + [0.0] * len(vague))
    share[truth == 1] = share.sum() / max(len(vague), 1)
    share /= share.sum()
    owners, numbers, amounts = prepared.features.owners, prepared.features.numbers, prepared.amounts
    values, bias = np.zeros(FEATURES_COUNT), 0.0
    means, squares = np.zeros(FEATURES_COUNT + 1), np.zeros(FEATURES_COUNT + 1)
    for step in range(1, _VAGUE_STEPS + 1):
        sums = np.bincount(owners, amounts * values[numbers], minlength=len(truth)) + bias
        miss = (1 / (1 + np.exp(-sums)) - truth) * share
        pulls = np.bincount(numbers, amounts * miss[owners], minlength=FEATURES_COUNT)
        whole = np.append(pulls + _VAGUE_DECAY * values, miss.sum())
        means = 0.9 * means + 0.1 * whole
        squares = 0.999 * squares + 0.001 * whole**2
        move = _VAGUE_RATE * (means / (1 - 0.9**step)) / (np.sqrt(squares / (1 - 0.999**step)) + 1e-8)
        values, bias = values - move[:-1], bias - float(move[-1])
    return replace(weights, vague_values=values.astype(np.float32), vague_bias=bias)


# ---- texts ----


def _prepare(texts: Sequence[str], rarity: Floats) -> _Prepared:
    features, amounts = weigh_features(hash_features(cut_texts(texts)), rarity)
    return _Prepared(features, amounts, np.searchsorted(features.owners, np.arange(len(texts) + 1)))


def _take(prepared: _Prepared, rows: Int64s) -> tuple[Features, Floats]:
    counts = prepared.starts[rows + 1] - prepared.starts[rows]
    places = np.arange(counts.sum()) + np.repeat(prepared.starts[rows] - (np.cumsum(counts) - counts), counts)
    owners = np.repeat(np.arange(len(rows)), counts)
    features = prepared.features
    taken = Features(owners, features.numbers[places], features.words[places], len(rows))
    return taken, prepared.amounts[places]


def _drop_some(features: Features, amounts: Floats, random: np.random.Generator) -> tuple[Features, Floats]:
    kept = random.random(len(amounts)) > _DROPPED_SHARE
    owners, amounts = features.owners[kept], amounts[kept]
    lengths = np.sqrt(np.bincount(owners, amounts * amounts, minlength=features.count)).astype(np.float32)
    left = Features(owners, features.numbers[kept], features.words[kept], features.count)
    return left, np.asarray(amounts / np.maximum(lengths, np.float32(1e-6))[owners], dtype=np.float32)


def _score_all(prepared: _Prepared, weights: Weights) -> list[Likelihoods]:
    found = []
    for start in range(0, prepared.features.count, _BATCH):
        rows = np.arange(start, min(start + _BATCH, prepared.features.count))
        features, amounts = _take(prepared, rows)
        entries: Entries = find_entries(features, amounts, weights)
        found.append(score_texts(entries, len(rows), weights))
    return found


def _columns_of(codes: Sequence[str], known: Sequence[str]) -> Int64s:
    """Return the place of each code among the known ones, -1 for none."""
    places = {code: number for number, code in enumerate(known)}
    return np.array([places.get(code, -1) for code in codes], dtype=np.int64)
