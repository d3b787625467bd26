"""In which of our languages a description is written, so that better words come in the same."""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from serai.journey.descriptions.features import FEATURES_COUNT, hash_features
from serai.journey.descriptions.goods_words import LANGUAGES, shipped_goods_words
from serai.journey.descriptions.weights import Floats, Weighed
from serai.model.text_arrays import cut_texts

_UNSEEN: Final = 0.5
_TOLD: Final = 1.0
"""Less evidence than this for another language leaves the first: many words are of several."""


def find_languages(weighed: Weighed) -> list[str]:
    """Return of each text the likeliest language, ISO 639-1; the first of LANGUAGES if nothing tells."""
    features, amounts = weighed
    evidence = np.stack(
        [
            np.bincount(features.owners, amounts * values[features.numbers], minlength=features.count)
            for values in _evidence_of_features()
        ]
    )
    likeliest = np.where(evidence.max(axis=0) > _TOLD, evidence.argmax(axis=0), 0)
    return [LANGUAGES[place] for place in likeliest.tolist()]


@cache
def _evidence_of_features() -> Floats:
    """Return of each language and feature how much likelier a text of it has that feature than one of the
    first language: the logarithm, 0 where no text has it. The texts are our table of goods words and a list
    of the words that are vague in each."""
    counts = np.full((len(LANGUAGES), FEATURES_COUNT), _UNSEEN)
    for place, language in enumerate(LANGUAGES):
        numbers = hash_features(cut_texts(_texts_of(language))).numbers
        counts[place] += np.bincount(numbers, minlength=FEATURES_COUNT)
    seen = counts.sum(axis=0) > _UNSEEN * len(LANGUAGES)
    shares = np.log(counts / counts.sum(axis=1, keepdims=True))
    return np.where(seen, shares - shares[0], 0).astype(np.float32)


def _texts_of(language: str) -> Sequence[str]:
    listed = (files("serai.journey.descriptions") / "language_words.csv").read_text(encoding="utf-8")
    rows = {row["language"]: row["words"] for row in csv.DictReader(listed.splitlines())}
    by_code = shipped_goods_words().words[language]
    ours = (one for code, given in by_code.items() if len(code) == 6 for one in given)
    return [*rows[language].split(";"), *ours]
