"""How alike two names are, word by word, and which words agree.

Rule: a word is the same when few letters differ for its length, when both sound the same, when one is the
first letter of the other, or when two words are written as one. What only one name says (a middle name, a
title) costs little; where each says what the other does not, two people are meant.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from serai.model.names.similarity.prepared import PreparedName
from serai.model.names.similarity.words import fold, skeleton, weight_of

_CERTAIN: Final = 0.95
WEIGHT_ASIDE: Final = 0.3
_JOINED_LENGTH_MIN: Final = 6
_INITIAL: Final = 0.85
_SOUND: Final = 0.97
_SOUND_NEAR: Final = 0.68
_SOUND_OF_VOWELS: Final = 0.85
_SKELETON: Final = 0.92
_SKELETON_OF_FEW: Final = 0.82
_FEW_BONES: Final = 2
"""So few consonants are those of many names."""
_BONES_MIN: Final = 0.74
_ONE_SIDE: Final = 0.15
BOTH_SIDES: Final = 1.5
_OTHER_FORM: Final = 0.06
ALONE: Final = 0.7
"""The most that one word of several can reach: half the world is called Ali."""
WEIGHT_ALONE: Final = 1.45
_LIKE_MIN: Final = (1.0, 1.0, 1.0, 0.8, 0.74, 0.74, 0.74)
"""How like two words have to be, by the letters of the longer: in three letters each one counts."""
_LONG: Final = 0.75
LONG_NAME: Final = 12
"""Letters of a name from which on one may be wrong besides the blanks."""


Similarity = Callable[[str, str], float]


class WordPair(NamedTuple):
    """Words of two names that are the same name. similarity: 0 to 1."""

    first: str
    second: str
    similarity: float


class Compared(NamedTuple):
    """Two names side by side. similarity: 0 to 1. pairs: words that agree. only_first, only_second: words
    that have no counterpart, light ones left out. is_other_form: both say another form of company."""

    similarity: float
    pairs: tuple[WordPair, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    is_other_form: bool


@lru_cache(maxsize=1 << 16)
def word_similarity(first: str, second: str) -> float:
    """Return how like two words are, 0 where they are different names.

    Letters left out, added, changed or exchanged count; so do they in the words as they sound.
    """
    if first == second:
        return 1.0
    if first.isdigit() or second.isdigit():
        return 0.0
    if len(first) == 1 or len(second) == 1:
        return _INITIAL if first[0] == second[0] else 0.0
    longer = max(len(first), len(second))
    like: float = OSA.normalized_similarity(first, second)
    one, other = fold(first), fold(second)
    # Two short words soon sound the same.
    sound: float = _SOUND if one == other else OSA.normalized_similarity(one, other) - 0.03
    if sound >= _SOUND_NEAR and skeleton(first) == skeleton(second):
        # Only vowels differ, and few.
        sound = max(sound, _SOUND_OF_VOWELS)
    like = max(like, sound)
    least = _LIKE_MIN[longer] if longer < len(_LIKE_MIN) else _LONG
    return like if like >= least or (one == other and longer > 2) else 0.0


@lru_cache(maxsize=1 << 16)
def bones_similarity(first: str, second: str) -> float:
    """Return how like two words are of which one was written without vowels."""
    like = _bones_similarity(skeleton(first), skeleton(second))
    if like == 0 and ("w" in first or "w" in second):
        # One of the two writes a vowel as `w`.
        like = _bones_similarity(skeleton(first.replace("w", "")), skeleton(second.replace("w", "")))
    return like


def _bones_similarity(one: str, other: str) -> float:
    shorter = min(len(one), len(other))
    if one == other:
        return _SKELETON if shorter > _FEW_BONES else _SKELETON_OF_FEW
    if shorter <= _FEW_BONES:
        return 0.0
    like: float = OSA.normalized_similarity(one, other)
    return like * _SKELETON if like >= _BONES_MIN else 0.0


def similarity_of(first: PreparedName, second: PreparedName) -> float:
    """Return how like two names are, 0 to 1: as `compare` says, without the words that agree."""
    return _held(first, second, [], [])[0]


def compare(first: PreparedName, second: PreparedName) -> Compared:
    """Hold two names side by side, and say which words agree."""
    left: list[str] = []
    right: list[str] = []
    similarity, pairs = _held(first, second, left, right)
    return Compared(similarity, tuple(pairs), _said(left), _said(right), _is_other_form(first, second))


def _held(
    first: PreparedName, second: PreparedName, left: list[str], right: list[str]
) -> tuple[float, list[WordPair]]:
    """Return the similarity and the words that agree. left, right: take the words that do not."""
    left += dict.fromkeys(first.words)
    right += dict.fromkeys(second.words)
    pairs = _pair_words(left, right, _way_to_compare(first.vowelless, second.vowelless))
    agreed = weight = 0.0
    full = 0
    for one, other, like in pairs:
        # The lighter side counts: an initial that fits says little of the name it stands for.
        light = _weight(one)
        if one != other:
            light = min(light, _weight(other))
        agreed += light * like
        weight += light
        full += light >= 1 and len(one) > 1 and len(other) > 1
    alone_left, alone_right = sum(map(weight_of, left)), sum(map(weight_of, right))
    both, more = min(alone_left, alone_right), abs(alone_left - alone_right)
    similarity = agreed / (weight + BOTH_SIDES * both + _ONE_SIDE * more) if full else 0.0
    if not full and pairs and both + more == 0:
        similarity = min(pair.similarity for pair in pairs)
    if weight < WEIGHT_ALONE and both + more > WEIGHT_ASIDE:
        similarity = min(similarity, ALONE)
    if similarity < _CERTAIN:
        similarity = max(similarity, _joined_similarity(first, second))
    if _is_other_form(first, second):
        similarity -= _OTHER_FORM
    return max(similarity, 0.0), pairs


def _is_other_form(first: PreparedName, second: PreparedName) -> bool:
    return bool(first.forms and second.forms and set(first.forms).isdisjoint(second.forms))


def _way_to_compare(first: frozenset[str], second: frozenset[str]) -> Similarity:
    """Return what holds words side by side: by consonants where one of them has nothing else."""
    if not first and not second:
        return word_similarity

    def similarity(one: str, other: str) -> float:
        return (bones_similarity if (one in first) != (other in second) else word_similarity)(one, other)

    return similarity


def _pair_words(left: list[str], right: list[str], like: Similarity) -> list[WordPair]:
    """Pair words, likest first; what is paired leaves both lists."""
    pairs = [WordPair(word, word, 1.0) for word in left if word in right]
    for pair in pairs:
        left.remove(pair.first)
        right.remove(pair.second)
    if not left or not right:
        return pairs
    found = [
        WordPair(one, other, value) for one in left for other in right if (value := like(one, other)) > 0
    ]
    if len(found) > 1:
        found.sort(key=lambda pair: -pair.similarity * min(weight_of(pair.first), weight_of(pair.second)))
    for pair in found:
        if pair.first in left and pair.second in right:
            left.remove(pair.first)
            right.remove(pair.second)
            pairs.append(pair)
    if left and right and len(left) + len(right) > 2:
        pairs += _pair_joined(left, right, like)
    return pairs


def _pair_joined(left: list[str], right: list[str], like: Similarity) -> list[WordPair]:
    """Pair one word with two or three in a row that are written as one in the other name."""
    pairs: list[WordPair] = []
    for whole, parts, is_left in ((left, right, True), (right, left, False)):
        for word in tuple(whole):
            if len(word) < 4:
                continue
            row = _row_written_as(word, parts, like)
            if row is None:
                continue
            joined, value = " ".join(row), like(word, "".join(row))
            whole.remove(word)
            for part in row:
                parts.remove(part)
            pairs.append(WordPair(word, joined, value) if is_left else WordPair(joined, word, value))
    return pairs


def _row_written_as(word: str, parts: list[str], like: Similarity) -> list[str] | None:
    for count in (2, 3):
        for begin in range(len(parts) - count + 1):
            row = parts[begin : begin + count]
            if word[0] == row[0][0] and abs(len(word) - sum(map(len, row))) <= 1:
                alone = max(like(word, part) for part in row)
                if like(word, "".join(row)) > max(0.85, alone):
                    return row
    return None


def _joined_similarity(first: PreparedName, second: PreparedName) -> float:
    """Return how like two names are as one string of letters each: a blank in the wrong place, or none."""
    if first.vowelless or second.vowelless:
        return 0.0
    if len(first.words) == len(second.words) == 1:
        return 0.0
    one, other = "".join(first.words), "".join(second.words)
    if min(len(one), len(other)) < _JOINED_LENGTH_MIN or abs(len(one) - len(other)) > 1:
        return 0.0
    edits = OSA.distance(one, other, score_cutoff=2)
    if edits > (len(one) >= LONG_NAME):
        return 0.0
    return 1 - edits / max(len(one), len(other))


def _weight(words: str) -> float:
    """Return the weight of a word, or of some in a row that stand for one."""
    return weight_of(words) if " " not in words else max(map(weight_of, words.split()))


def _said(words: list[str]) -> tuple[str, ...]:
    return tuple(word for word in words if weight_of(word) > WEIGHT_ASIDE)
