"""An index of names: which of many thousand names a name could be, in some millionths of a second.

Three steps, each on many names at once. Words meet listed words that differ by a letter or sound the same.
A word that few names bear leads to them; of words that many bear, two together do. What is left is thinned
by the pairs of letters that both names have, by the letters of their words, and by how like they are as
strings; only then are names compared word by word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from serai.model.columns import Flags, Int64s
from serai.model.names.similarity.keys import (
    UInt64s,
    pair_keys,
    skeleton_keys,
    word_keys,
)
from serai.model.names.similarity.prepared import PreparedName
from serai.model.names.similarity.similarity_bounds import (
    Floats,
    WordLetters,
    letters_of_words,
    similarity_bounds,
)
from serai.model.names.similarity.table import KeyTable, make_table, spread
from serai.model.names.similarity.terms import Terms, terms_of
from serai.model.names.similarity.words import (
    fold_texts,
    skeleton,
    skeletons_of,
)

Texts = npt.NDArray[np.object_]

FREQUENT_COUNT: Final = 60
"""A word that more names bear, in any spelling, leads to none of them alone."""
CANDIDATES_COUNT_MAX: Final = 32
"""Names that are compared word by word with one name asked for: the likest ones."""
_WORD_LIKE_MIN: Final = 0.7
_BONES_LIKE_MIN: Final = 0.5
_PAIRS_SHARE_MIN: Final = 0.6
_STRING_LIKE_MIN: Final = 66.0
_STRING_OF_BEST_MIN: Final = 72.0
_SET_MALUS: Final = 8.0
"""What a name that is part of another counts less than one that is the whole of it."""
_ROUNDING: Final = 1e-9
_KNOWN_COUNT_MAX: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Candidates:
    """Names that could be meant: place of the name asked for, and of the listed one."""

    queries: Int64s
    names: Int64s


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Names ready to be looked up. names: as given. Arrays are by name or by word, as their comments say."""

    names: tuple[PreparedName, ...]
    words: tuple[str, ...]
    folded_words: tuple[str, ...]
    word_table: KeyTable
    word_starts: Int64s  # by word: names that bear it
    word_names: Int64s
    is_joined: Flags  # by name of a word: the word is two or more of that name, written as one
    word_classes: UInt64s  # by word: key of its consonants
    is_frequent: Flags  # by word
    is_vowelless_word: Flags
    letters: WordLetters
    pair_table: KeyTable
    signs: UInt64s  # by name: pairs of letters
    sign_counts: Int64s
    strings: Texts  # by name: words as they sound
    sorted_strings: Texts  # the same, in order of the alphabet
    bones: Texts  # by name: consonants
    sorted_bones: Texts
    is_vowelless: Flags
    by_words: dict[tuple[str, ...], list[int]]  # names by their words in order of the alphabet
    known: dict[str, Int64s]  # listed words that are like a word asked for before

    def find(self, asked: Sequence[PreparedName], similarity_min: Floats | None = None) -> Candidates:
        """Return which names could be meant by those asked for, the likest of each. similarity_min: by name
        asked for, how alike to it a name has to be, as `comparison` says it."""
        if not self.names or not asked:
            return Candidates(np.zeros(0, np.int64), np.zeros(0, np.int64))
        terms = terms_of(asked)
        if not terms.words:
            return Candidates(np.zeros(0, np.int64), np.zeros(0, np.int64))
        pairs = self._thin_by_letters(terms, self._find_by_words(terms))
        if similarity_min is not None:
            pairs = self._thin_by_bounds(asked, similarity_min, terms.is_without, pairs)
        likely = self._thin_by_strings(asked, terms.is_without, pairs)
        return self._with_same_words(asked, likely)

    def _with_same_words(self, asked: Sequence[PreparedName], likely: Candidates) -> Candidates:
        """Add names of just the words asked for: one frequent word leads to nobody else."""
        pairs = [
            (query, name)
            for query, one in enumerate(asked)
            for name in self.by_words.get(tuple(sorted(one.words)), ())
        ]
        if not pairs:
            return likely
        same = np.array(pairs, np.int64)
        count = len(self.names)
        joined = _distinct(
            np.concatenate([likely.queries * count + likely.names, same[:, 0] * count + same[:, 1]])
        )
        return Candidates(joined // count, joined % count)

    def _find_by_words(self, terms: Terms) -> "_Pairs":
        """Return pairs of query and name that share a rare word or two frequent ones."""
        starts, listed = self._like_words(terms)
        # From rows of query and word to rows of query, word and listed word.
        places = np.arange(len(terms.queries))
        rows, words = spread(places, starts[terms.numbers], starts[terms.numbers + 1], listed)
        queries = terms.queries[rows]
        is_frequent = self.is_frequent[words]
        rare = np.flatnonzero(~is_frequent)
        led, places = spread(
            rare,
            self.word_starts[words[rare]],
            self.word_starts[words[rare] + 1],
            np.arange(len(self.word_names)),
        )
        by_rare = queries[led] * len(self.names) + self.word_names[places]
        is_joined = terms.is_joined[rows[led]] | self.is_joined[places]
        frequent = np.flatnonzero(is_frequent & ~terms.is_joined[rows])
        by_pairs = self._find_by_pairs(
            queries[frequent], terms.numbers[rows[frequent]], self.word_classes[words[frequent]]
        )
        # A pair that joined words lead to, among others, comes first of its like.
        marked = _distinct(np.concatenate([by_rare * 2 + ~is_joined, by_pairs * 2 + 1]))
        is_first = np.append(True, np.diff(marked >> 1) > 0)[: len(marked)]
        pairs = marked[is_first]
        numbers = pairs >> 1
        return _Pairs(numbers // len(self.names), numbers % len(self.names), pairs & 1 == 0)

    def _find_by_pairs(self, queries: Int64s, terms: Int64s, classes: UInt64s) -> Int64s:
        order = np.lexsort((classes, terms, queries))
        queries, terms, classes = queries[order], terms[order], classes[order]
        if len(queries):
            is_first = np.ones(len(queries), np.bool_)
            is_first[1:] = (
                (queries[1:] != queries[:-1]) | (terms[1:] != terms[:-1]) | (classes[1:] != classes[:-1])
            )
            queries, terms, classes = queries[is_first], terms[is_first], classes[is_first]
        parts = []
        for one, other in _rows_together(queries):
            is_pair = terms[one] != terms[other]
            keys = pair_keys(classes[one][is_pair], classes[other][is_pair])
            asked, names = self.pair_table.find(keys)
            parts.append(queries[one][is_pair][asked] * len(self.names) + names)
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def _like_words(self, terms: Terms) -> tuple[Int64s, Int64s]:
        """Return, for each word asked for in turn, the listed words that are spelt or sound like it.

        Returns where the words of each begin (one place more than words), and the words.
        """
        # Another thread may forget meanwhile: what is held is taken out first.
        held = {word: self.known.get(word) for word in terms.words}
        new = [place for place, known in enumerate(held.values()) if known is None]
        if new:
            words, folded = ([texts[one] for one in new] for texts in (terms.words, terms.folded))
            asked, listed = self._match_words(words, folded, terms.is_vowelless[new])
            ends = np.searchsorted(asked, np.arange(len(new) + 1))
            learnt = {word: listed[ends[place] : ends[place + 1]] for place, word in enumerate(words)}
            if len(self.known) + len(new) > _KNOWN_COUNT_MAX:
                self.known.clear()
            self.known.update(learnt)
            held |= learnt
        found = [one for one in held.values() if one is not None]
        starts = np.zeros(len(found) + 1, np.int64)
        np.cumsum([len(one) for one in found], out=starts[1:])
        return starts, np.concatenate(found)

    def _match_words(
        self, words: Sequence[str], folded: Sequence[str], is_vowelless: Flags
    ) -> tuple[Int64s, Int64s]:
        """Return pairs of a word asked for and a listed word, by the former. folded: words as they sound."""
        skeletons = skeletons_of(folded)
        keys, owners = word_keys(words, skeletons, is_vowelless, is_listed=False)
        places, listed = self.word_table.find(keys)
        pairs = _distinct(owners[places] * len(self.words) + listed)
        asked, listed = pairs // len(self.words), pairs % len(self.words)
        ours = [words[one] for one in asked.tolist()]
        theirs = [self.words[one] for one in listed.tolist()]
        is_like: Flags = (
            cpdist(ours, theirs, scorer=OSA.normalized_similarity, score_cutoff=_WORD_LIKE_MIN) > 0
        )
        rest = np.flatnonzero(~is_like)
        one = [folded[place] for place in asked[rest].tolist()]
        other = [self.folded_words[place] for place in listed[rest].tolist()]
        sounds = cpdist(one, other, scorer=OSA.normalized_similarity, score_cutoff=_BONES_LIKE_MIN)
        is_same_bones = skeleton_keys(skeletons)[asked[rest]] == self.word_classes[listed[rest]]
        is_without = is_vowelless[asked[rest]] | self.is_vowelless_word[listed[rest]]
        is_like[rest] = (sounds >= _WORD_LIKE_MIN) | (is_same_bones & (is_without | (sounds > 0)))
        return asked[is_like], listed[is_like]

    def _thin_by_letters(self, terms: Terms, pairs: "_Pairs") -> "_Pairs":
        """Keep pairs whose names have three fifths of the shorter name's pairs of letters in common."""
        shared = np.bitwise_count(terms.signs[pairs.queries] & self.signs[pairs.names]).sum(
            axis=1, dtype=np.int64
        )
        shorter = np.minimum(terms.sign_counts[pairs.queries], self.sign_counts[pairs.names])
        return pairs.where(shared >= shorter * _PAIRS_SHARE_MIN)

    def _thin_by_bounds(
        self, asked: Sequence[PreparedName], similarity_min: Floats, is_without: Flags, pairs: "_Pairs"
    ) -> "_Pairs":
        """Keep pairs whose words could be alike enough. That is not said of names without vowels, nor of
        words that are cut otherwise."""
        bounds = similarity_bounds(letters_of_words(asked), pairs.queries, self.letters, pairs.names)
        is_likely = bounds >= similarity_min[pairs.queries] - _ROUNDING
        return pairs.where(
            is_likely | pairs.is_joined | is_without[pairs.queries] | self.is_vowelless[pairs.names]
        )

    def _thin_by_strings(
        self, asked: Sequence[PreparedName], is_without: Flags, pairs: "_Pairs"
    ) -> Candidates:
        """Keep the likest CANDIDATES_COUNT_MAX names of each query."""
        queries, names = pairs.queries, pairs.names
        distinct, places = _places_of(queries, len(asked))
        strings = _strings_of([asked[query] for query in distinct])
        one, one_sorted = _with_sorted(strings, places)
        other, other_sorted = self.strings[names], self.sorted_strings[names]
        # Where one name has no vowels, both are held side by side without.
        by_bones = np.flatnonzero(self.is_vowelless[names] != is_without[queries])
        distinct, places = _places_of(queries[by_bones], len(asked))
        one[by_bones], one_sorted[by_bones] = _with_sorted(
            [_bones_of(asked[query]) for query in distinct], places
        )
        other[by_bones], other_sorted[by_bones] = (
            self.bones[names[by_bones]],
            self.sorted_bones[names[by_bones]],
        )
        ours, theirs = one.tolist(), other.tolist()
        # Words in order of the alphabet; or as they stand, since a wrong first letter moves a word.
        whole = np.maximum(
            cpdist(one_sorted.tolist(), other_sorted.tolist(), scorer=fuzz.ratio),
            cpdist(ours, theirs, scorer=fuzz.ratio),
        )
        lengths = np.array([list(map(len, ours)), list(map(len, theirs))], np.int64)
        # A name that is all of a longer one cannot be liker than this.
        best = 2 * lengths.min(axis=0) / np.maximum(lengths.sum(axis=0), 1)
        near = np.flatnonzero(whole >= _STRING_OF_BEST_MIN * best)
        parts = cpdist(
            [ours[place] for place in near.tolist()],
            [theirs[place] for place in near.tolist()],
            scorer=fuzz.token_set_ratio,
        )
        like = np.maximum(whole[near], parts - _SET_MALUS)
        kept = np.flatnonzero(like >= _STRING_LIKE_MIN)
        order = kept[np.lexsort((-like[kept], queries[near[kept]]))]
        ordered = queries[near[order]]
        rank = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
        order = near[order[rank < CANDIDATES_COUNT_MAX]]
        return Candidates(queries[order], names[order])


class _Pairs(NamedTuple):
    """Names asked for and listed ones, side by side. is_joined: words written as one led from one to the
    other."""

    queries: Int64s
    names: Int64s
    is_joined: Flags

    def where(self, is_kept: Flags) -> "_Pairs":
        return _Pairs(self.queries[is_kept], self.names[is_kept], self.is_joined[is_kept])


def build_index(names: Sequence[PreparedName]) -> NameIndex:
    """Index names; one without any word is never found."""
    terms = terms_of(names)
    words, folded = terms.words, terms.folded
    skeletons = skeletons_of(folded)
    keys, owners = word_keys(words, skeletons, terms.is_vowelless, is_listed=True)
    order = np.lexsort((terms.queries, terms.numbers))
    starts = np.searchsorted(terms.numbers[order], np.arange(len(words) + 1))
    classes = skeleton_keys(skeletons) if words else np.zeros(0, np.uint64)
    counts = np.diff(starts)
    distinct, which = np.unique(classes, return_inverse=True)
    by_words: dict[tuple[str, ...], list[int]] = {}
    for place, name in enumerate(names):
        by_words.setdefault(tuple(sorted(name.words)), []).append(place)
    by_words.pop((), None)
    strings, bones = _strings_of(names), list(map(_bones_of, names))
    every = np.arange(len(names))
    is_frequent = np.bincount(which, weights=counts, minlength=len(distinct))[which] > FREQUENT_COUNT
    return NameIndex(
        tuple(names),
        words,
        tuple(folded),
        make_table(keys, owners),
        starts.astype(np.int64),
        terms.queries[order],
        terms.is_joined[order],
        classes,
        is_frequent,
        terms.is_vowelless,
        letters_of_words(names),
        _table_of_pairs(terms, classes, is_frequent),
        terms.signs,
        terms.sign_counts,
        *_with_sorted(strings, every),
        *_with_sorted(bones, every),
        terms.is_without,
        by_words,
        {},
    )


def _table_of_pairs(terms: Terms, classes: UInt64s, is_frequent: Flags) -> KeyTable:
    rows = (
        np.flatnonzero(is_frequent[terms.numbers] & ~terms.is_joined)
        if len(classes)
        else np.zeros(0, np.int64)
    )
    names, kinds = terms.queries[rows], classes[terms.numbers[rows]] if len(rows) else np.zeros(0, np.uint64)
    keys, owners = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for one, other in _rows_together(names):
        keys.append(pair_keys(kinds[one], kinds[other]))
        owners.append(names[one])
    return make_table(np.concatenate(keys), np.concatenate(owners))


def _rows_together(owners: Int64s) -> list[tuple[Int64s, Int64s]]:
    """Return each pair of rows that belong to one owner; owners are sorted."""
    found = []
    for lag in range(1, len(owners)):
        rows = np.flatnonzero(owners[lag:] == owners[:-lag])
        if not len(rows):
            break
        found.append((rows, rows + lag))
    return found


def _strings_of(names: Sequence[PreparedName]) -> list[str]:
    """Return each name as one text of its words as they sound."""
    return fold_texts([" ".join(name.words) for name in names])


def _bones_of(name: PreparedName) -> str:
    return " ".join(skeleton(word) for word in name.words)


def _places_of(queries: Int64s, count: int) -> tuple[list[int], Int64s]:
    """Return which of so many queries there are, and for each row which of those it has."""
    is_there = np.zeros(count, np.bool_)
    is_there[queries] = True
    return np.flatnonzero(is_there).tolist(), (np.cumsum(is_there) - 1)[queries]


def _with_sorted(texts: list[str], places: Int64s) -> tuple[Texts, Texts]:
    """Return the text of each place, as it stands and with its words in order of the alphabet."""
    return _texts(texts)[places], _texts(list(map(_in_order, texts)))[places]


def _in_order(text: str) -> str:
    """Return the words of a text in order of the alphabet."""
    return " ".join(sorted(text.split()))


def _distinct(numbers: Int64s) -> Int64s:
    """Return numbers in order, each once. np.unique does it by a hash table, which takes longer here."""
    ordered = np.sort(numbers)
    is_first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def _texts(texts: list[str]) -> Texts:
    """Return texts as an array, from which many are taken at once."""
    found = np.empty(len(texts), np.object_)
    found[:] = texts
    return found
