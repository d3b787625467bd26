"""Word marks of recordals in force, and which descriptions of goods name one, in any spelling. Pure.

Each word of a description is looked up once among the words of the marks, by the index of names; batches
bring the same words again and again. A mark is named where its words stand one after another, and the goods
are of a kind that it is recorded for.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta

from serai.model.columns import Coded, Flags, Frame
from serai.model.errors import SeraiError
from serai.model.names.similarity.comparison import word_similarity
from serai.model.names.similarity.index import NameIndex, build_index
from serai.model.names.similarity.letters import plain_words, without_tricks
from serai.model.names.similarity.prepared import PreparedName

WORD_MARKS: Final = "word-marks"
"""Kind of the component."""
FILE_NAME: Final = "word-marks.json"
SIMILAR_MIN: Final = 0.84
"""How like a word has to be to one of a mark."""
_LETTERS_MIN: Final = 5
"""A shorter word is the mark's or another word: `nike` and `bike`."""
_LETTERS_LOOKED_UP_MIN: Final = 3
_WORDS_KEPT: Final = 200_000
_NONE: Final[frozenset[str]] = frozenset()
_AS_LETTERS: Final = str.maketrans("013457", "oieast")
_TURNED = re.compile("[\u202e\u2067]([^\u202c\u2069]*)")
"""What is shown from right to left though it is written otherwise."""
_BLANKS: Final = {code: " " for code in range(128) if not chr(code).isalnum()}


class MarkedRight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recordal as descriptions are searched for it. hs_prefixes: how codes of the goods begin. seller_ids:
    whose goods are authorised, as declarations name sellers. is_exact: it is looked for as it is written
    alone, since too many of its detentions were baseless."""

    recordal_id: str
    marks: Annotated[list[str], Meta(min_length=1)]
    hs_prefixes: Annotated[list[str], Meta(min_length=1)]
    seller_ids: list[str]
    is_exact: bool


def write_rights(rights: Iterable[MarkedRight]) -> bytes:
    """Return a list of rights as it is kept."""
    return msgspec.json.encode(sorted(rights, key=lambda one: one.recordal_id))


def read_rights(content: bytes) -> list[MarkedRight]:
    """Read a list of rights. Raises SeraiError `word-marks-unreadable`."""
    try:
        return msgspec.json.decode(content, type=list[MarkedRight])
    except msgspec.DecodeError as fault:
        raise SeraiError(
            "word-marks-unreadable",
            "The list of word marks in force cannot be read.",
            "Put the generation of law before this one in force again.",
        ) from fault


@dataclass(frozen=True, slots=True)
class WordMarks:
    """Rights ready to be looked for. phrases: by their first word, words of each mark and the place of its
    right. words: of all marks, in the order of the index. seen: words of descriptions that were looked up;
    candidates_by_word: of those that may be words of marks, which; in memory alone, forgotten when they
    are many."""

    rights: tuple[MarkedRight, ...]
    phrases: dict[str, list[tuple[tuple[str, ...], int]]]
    words: tuple[str, ...]
    index: NameIndex
    seen: set[str] = field(default_factory=set, compare=False)
    candidates_by_word: dict[str, frozenset[str]] = field(default_factory=dict, compare=False)

    def find_named(
        self, items: Frame, description: Coded, sellers: Callable[[], Coded] | None
    ) -> dict[int, tuple[int, ...]]:
        """Return by goods item the places of rights whose mark its description names.

        items: with owner and commodity_code. description: one an item. sellers: gives the seller of each
        consignment, asked for only where something is named; None: not known.
        """
        if not self.rights or not description.words:
            return {}
        named = self._name_all(description.words)
        if not named:
            return {}
        rows = np.flatnonzero(np.isin(description.codes, [*named]))
        codes = items.words("commodity_code").take(rows).texts()
        owners = items.numbers("owner")[rows]
        by_row = [None] * len(rows) if sellers is None else sellers().take(owners).texts()
        found: dict[int, tuple[int, ...]] = {}
        numbers = description.codes[rows].tolist()
        for row, number, code, seller in zip(rows.tolist(), numbers, codes, by_row, strict=True):
            its = tuple(one for one in named[number] if self._is_meant(one, code or "", seller))
            if its:
                found[row] = its
        return found

    def name(self, description: str, commodity_code: str, seller_id: str | None) -> tuple[MarkedRight, ...]:
        """Return the rights whose mark one description names."""
        return self.name_each([(description, commodity_code, seller_id)])[0]

    def name_each(self, goods: Sequence[tuple[str, str, str | None]]) -> list[tuple[MarkedRight, ...]]:
        """Return for each of some goods the rights whose mark its description names. goods: description as it
        was declared, commodity code and seller."""
        named = self._name_all([plain_description(one) for one, _, _ in goods])
        return [
            tuple(
                self.rights[right] for right in named.get(place, ()) if self._is_meant(right, code, seller_id)
            )
            for place, (_, code, seller_id) in enumerate(goods)
        ]

    def _is_meant(self, place: int, commodity_code: str, seller_id: str | None) -> bool:
        right = self.rights[place]
        return commodity_code.startswith(tuple(right.hs_prefixes)) and seller_id not in right.seller_ids

    def _name_all(self, descriptions: Sequence[str]) -> dict[int, tuple[int, ...]]:
        """Return by place of a description the places of rights that it names, whatever the goods are."""
        cut = [_words_of(one) for one in descriptions]
        self._learn(set().union(*cut))
        known = self.candidates_by_word
        named: dict[int, tuple[int, ...]] = {}
        for place, words in enumerate(cut):
            # Most descriptions end here.
            if known.keys().isdisjoint(words):
                continue
            stands = [known.get(word, _NONE) for word in words]
            its = {
                right
                for begin, listed in enumerate(stands)
                for first in listed
                for phrase, right in self.phrases.get(first, ())
                if _holds(phrase, words[begin:], stands[begin:], is_exact=self.rights[right].is_exact)
            }
            if its:
                named[place] = tuple(sorted(its))
        return named

    def _learn(self, words: set[str]) -> None:
        """Look up words that were not seen yet, together. Numbers are what they are."""
        if len(self.seen) > _WORDS_KEPT:
            self.seen.clear()
            self.candidates_by_word.clear()
        new = words - self.seen
        self.seen.update(new)
        found: dict[str, set[str]] = {word: {word} for word in new.intersection(self.words)}
        asked = [
            (word, form)
            for word in new
            if len(word) >= _LETTERS_LOOKED_UP_MIN and not word.isdigit()
            for form in _forms_of(word)
        ]
        candidates = self.index.find([_prepared(form) for _, form in asked])
        for query, listed in zip(candidates.queries.tolist(), candidates.names.tolist(), strict=True):
            word, form = asked[query]
            if _is_candidate(form, self.words[listed]):
                found.setdefault(word, set()).add(self.words[listed])
        self.candidates_by_word.update((word, frozenset(its)) for word, its in found.items())


def build_word_marks(rights: Iterable[MarkedRight]) -> WordMarks:
    """Index the words of marks."""
    kept = tuple(rights)
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
    for place, one in enumerate(kept):
        for mark in one.marks:
            if phrase := mark_words(mark):
                phrases[phrase[0]].append((phrase, place))
    words = tuple(dict.fromkeys(word for its in phrases.values() for phrase, _ in its for word in phrase))
    return WordMarks(kept, dict(phrases), words, build_index([_prepared(one) for one in words]))


def mark_words(mark: str) -> tuple[str, ...]:
    """Return the words of a mark in plain letters; none where nothing of it can be looked for."""
    return plain_words(without_tricks(mark))[0]


def plain_description(description: str) -> str:
    """Return a description in lower case, with single blanks, as the columns of goods have it."""
    return " ".join(description.lower().split())


def add_marks(
    items: Frame, description: Coded, marks: WordMarks, sellers: Callable[[], Coded] | None
) -> Flags:
    """Return for each goods item whether its description names a word mark of a right in force."""
    is_named = np.zeros(items.row_count, dtype=np.bool_)
    if marks.rights:
        is_named[[*marks.find_named(items, description, sellers)]] = True
    return is_named


def _words_of(description: str) -> tuple[str, ...]:
    """Return the words of a description (lower case) in plain letters, and those that are shown turned."""
    if description.isascii():
        return tuple(description.translate(_BLANKS).split())
    words = plain_words(without_tricks(description))[0]
    for turned in _TURNED.findall(description):
        words += plain_words(without_tricks(turned[::-1]))[0]
    return words


def _forms_of(word: str) -> tuple[str, ...]:
    """Return a word, and what it reads like where digits stand for letters."""
    if word.isalpha():
        return (word,)
    return word, word.translate(_AS_LETTERS)


def _is_candidate(word: str, listed: str) -> bool:
    if word == listed:
        return True
    if len(listed) < _LETTERS_MIN or word[0] != listed[0] or abs(len(word) - len(listed)) > 2:
        return False
    return word_similarity(word, listed) >= SIMILAR_MIN


def _holds(
    phrase: tuple[str, ...], words: tuple[str, ...], stands: Sequence[frozenset[str]], *, is_exact: bool
) -> bool:
    """Say whether words begin with those of a mark."""
    if is_exact or len(words) < len(phrase):
        return words[: len(phrase)] == phrase
    return all(one in stands[place] for place, one in enumerate(phrase))


def _prepared(word: str) -> PreparedName:
    return PreparedName((word,), (), _NONE, False)
