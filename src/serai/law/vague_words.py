"""Descriptions that say nothing about the goods: made of listed words only, or equal to a listed phrase."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

VAGUE_WORDS: Final = "tables/vague_descriptions.txt"
"""The list's place among the files of the laws."""
_ANSWERS_KEPT = 50_000
_RUN_MAX = 24
"""Letters of a run that is cut into words: a longer one says something, or is nobody's word."""
_FIRST_IDEOGRAPH = "\u2e80"  # one of them names goods: 茶 is tea
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_MARKS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f]+")
"""What may be left out over and between letters: vowels and the long stroke of Arabic, the dot of an i."""


@dataclass(frozen=True, slots=True)
class VagueWords:
    """The list, sorted into its three kinds.

    empty: say nothing, nor do several together. wide: say too little alone, enough beside another of them.
    phrases: say nothing as a whole; phrase_words: the words in them. answers: given before; the same
    descriptions come with every batch.
    """

    empty: frozenset[str]
    wide: frozenset[str]
    phrases: frozenset[str]
    phrase_words: frozenset[str]
    answers: dict[str, bool] = field(default_factory=dict, compare=False)

    def is_vague(self, description: str) -> bool:
        """Say whether a description (lower case) names no goods; numbers and single letters name none."""
        if self._says_two_things(description):
            return False
        words = self._words_of(description)
        telling = {word for word in words if word not in self.empty}
        if not telling:
            return True
        return (len(telling) == 1 and telling <= self.wide) or " ".join(words) in self.phrases

    def _says_two_things(self, description: str) -> bool:
        """Say whether two plain words tell something, and no phrase has one of them: the quick way out, since
        most descriptions end here and cutting all of one into words costs four times as much."""
        first = ""
        for word in description.split():
            if word in self.empty or word in self.phrase_words or word == first:
                continue
            if word.isalpha() and len(word) > 1 and word < _FIRST_IDEOGRAPH:
                if first:
                    return True
                first = word
        return False

    def find_terms(self, description: str) -> tuple[str, ...]:
        """Return the words of a description (lower case) that are on the list, in their order."""
        words = self._words_of(description)
        if " ".join(words) in self.phrases:
            return (" ".join(words),)
        return tuple(dict.fromkeys(word for word in words if word in self.empty or word in self.wide))

    def _words_of(self, description: str) -> list[str]:
        """Cut a description into words. Of scripts that write none apart, a run made of listed words is
        cut into these; another names something."""
        words = _words_of(description)
        if description.isascii():
            return words
        return [part for word in words for part in self._parts_of(word) or [word]]

    def _parts_of(self, word: str) -> list[str] | None:
        """Cut a run of ideographs, kana or hangul into listed words, longest first; None: it is not.

        Wide words are not cut out: in a run they tell what kind of thing it is (家具零件: furniture parts).
        """
        length = len(word)
        if word < _FIRST_IDEOGRAPH or word in self.empty or length > _RUN_MAX:
            return None
        # Where the part that begins at each place ends; 0: from there on it cannot be cut.
        ends = [0] * length + [length]
        for start in range(length - 1, -1, -1):
            for end in range(length, start, -1):
                if ends[end] and word[start:end] in self.empty:
                    ends[start] = end
                    break
        if not ends[0]:
            return None
        parts, start = [], 0
        while start < length:
            parts.append(word[start : ends[start]])
            start = ends[start]
        return parts

    def test(self, descriptions: Sequence[str]) -> list[bool]:
        """Say of each description whether it is vague; without a list none is."""
        if not self.empty:
            return [False] * len(descriptions)
        answers, missing = self.answers, [one for one in descriptions if one not in self.answers]
        if len(answers) + len(missing) > _ANSWERS_KEPT:
            answers.clear()
            missing = [*descriptions]
        answers.update((one, self.is_vague(one)) for one in missing)
        return [answers[one] for one in descriptions]


def _words_of(description: str) -> list[str]:
    if not description.isascii():
        description = _MARKS.sub("", unicodedata.normalize("NFC", description))
    return [word for word in _NOT_LETTERS.split(description) if len(word) > 1 or word >= _FIRST_IDEOGRAPH]


def no_vague_words() -> VagueWords:
    """Return the list on which nothing stands."""
    return VagueWords(frozenset(), frozenset(), frozenset(), frozenset())


def read_vague_words(content: bytes) -> VagueWords:
    """Read a list: one word or phrase a line, lower case; `#` begins a comment, `+` marks a wide word.

    A word stands for its plural in s as well.
    """
    empty: set[str] = set()
    wide: set[str] = set()
    phrases: set[str] = set()
    for line in content.decode("utf-8").splitlines():
        entry = line.partition("#")[0].strip().lower()
        if entry.startswith("+"):
            word = entry[1:].strip()
            wide |= {word, f"{word}s"}
        elif " " in entry:
            phrases.add(" ".join(_words_of(entry)))
        elif entry:
            empty |= {entry, f"{entry}s"}
    phrase_words = frozenset(word for phrase in phrases for word in phrase.split())
    return VagueWords(frozenset(empty), frozenset(wide), frozenset(phrases), phrase_words)
