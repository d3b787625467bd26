"""What names cannot reach in letters, they do not reach in words; and most pairs differ by letters."""

import random
from itertools import pairwise

import numpy as np
import pytest

from serai.model.names.similarity.comparison import similarity_of
from serai.model.names.similarity.prepared import prepare_name
from serai.model.names.similarity.similarity_bounds import letters_of_words, similarity_bounds

WORDS = (
    "mohammed",
    "yusuf",
    "schmidt",
    "zhivkovich",
    "anna",
    "al",
    "bin",
    "de",
    "maria",
    "gonzalez",
    "j",
    "nguyen",
    "khadijah",
    "oyelaran",
    "qasim",
    "wojciechowski",
    "thierry",
    "mac",
    "trading",
    "shipping",
    "company",
    "bank",
    "42",
    "abubakr",
    "o",
    "banana",
    "innocent",
    "amin",
    "firras",
)
SIGNS = "abcdefghijklmnopqrstuvwxyz"


def respelt(word: str, rng: random.Random) -> str:
    """Return a word with a letter left out, added, changed or exchanged; or another spelling of a sound."""
    place = rng.randrange(len(word))
    before, after = word[:place], word[place + 1 :]
    ways = (
        before + after or word,
        word[: place + 1] + rng.choice(SIGNS) + after,
        before + rng.choice(SIGNS) + after,
        before + after[:1] + word[place] + after[1:],
        word.replace("y", "i").replace("th", "t").replace("ch", "sh").replace("u", "ou"),
        word[0],
        word,
    )
    return rng.choice(ways)


def bounds_of(pairs: list[tuple[str, str]]) -> tuple[list[float], list[float]]:
    first, second = zip(*([prepare_name(one, "person") for one in pair] for pair in pairs), strict=True)
    places = np.arange(len(pairs))
    bounds = similarity_bounds(letters_of_words(first), places, letters_of_words(second), places)
    return bounds.tolist(), list(map(similarity_of, first, second))


@pytest.mark.parametrize("seed", range(4))
def test_no_two_names_are_more_alike_than_their_letters_allow(seed: int) -> None:
    rng = random.Random(seed)
    pairs = []
    for _ in range(3_000):
        one = rng.sample(WORDS, rng.randint(1, 4))
        other = [respelt(word, rng) for word in one if rng.random() > 0.1] or one[:1]
        other += rng.sample(WORDS, rng.choice((0, 0, 1)))
        rng.shuffle(other)
        pairs.append((" ".join(one), " ".join(other)))
    bounds, similarities = bounds_of(pairs)
    assert sum(value > 0.78 for value in similarities) > 1_000
    over = [
        (pair, bound, similarity)
        for pair, bound, similarity in zip(pairs, bounds, similarities, strict=True)
        if similarity > max(bound, 0.6) + 1e-9
    ]
    assert not over


def test_a_name_that_is_cut_otherwise_may_be_the_same() -> None:
    bounds, similarities = bounds_of(
        [("PLM Securityy Control Group", "PLM SecurityControlGroup"), ("Seif Ab oud Rogo", "Aboud Seif Rogo")]
    )
    assert min(similarities) > 0.8
    assert min(bounds) > 0.8


def test_one_word_in_common_is_not_enough() -> None:
    names = [
        "maria gonzalez",
        "jose gonzalez",
        "jose martinez",
        "anna martinez",
        "anna kowalska",
        "peter kowalska",
    ]
    bounds, similarities = bounds_of(list(pairwise(names)))
    assert max(similarities) < 0.6
    assert max(bounds) < 0.6
