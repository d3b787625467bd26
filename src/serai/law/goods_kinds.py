"""Kinds of goods that a law may restrict, found in the words of descriptions: an ivory carving, a sword."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta

from serai.model.columns import Coded
from serai.model.errors import SeraiError

GOODS_KINDS: Final = "tables/goods_kinds.yaml"
"""The table's place among the files of the laws."""
_ANSWERS_KEPT = 50_000
_FIRST_IDEOGRAPH = "\u2e80"  # from here on words stand without blanks
_NOT_LETTERS = re.compile(r"[\W_]+")
_PARTS = re.compile(r"[,;+&]|\b(?:with|and|plus|including|mit|und|avec|et|con|com|met)\b")
_AROUND = "().;:!"


class GoodsKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind. words: words and phrases, lower case, that name it; a word stands for its plural in s too.

    wide: words that name it only beside one of `beside`, or where nothing else is said. unless: words and
    phrases that say that something else is meant: a toy, a colour. other_codes: commodity prefixes under
    which the words mean something else.
    """

    kind: Annotated[str, Meta(pattern=r"^[a-z][a-z-]{1,40}$")]
    meaning: str
    words: list[str] = []
    wide: list[str] = []
    beside: list[str] = []
    unless: list[str] = []
    other_codes: list[str] = []


class _Patterns(NamedTuple):
    """What to look for in a part of a description; None: nothing."""

    words: re.Pattern[str] | None
    wide: re.Pattern[str] | None
    beside: re.Pattern[str] | None
    unless: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class GoodsKinds:
    """The table, ready to look words up in.

    kinds: in the order of the table; patterns: likewise. triggers: last words of phrases, as they stand
    between two blanks; phrases: by such a word, those that end with it and the place of the kind. ideographs:
    words of scripts without blanks. answers: given before; the same descriptions come with every batch.
    """

    kinds: tuple[GoodsKind, ...]
    patterns: tuple[_Patterns, ...]
    triggers: frozenset[str]
    phrases: dict[str, tuple[tuple[str, int], ...]]
    ideographs: re.Pattern[str] | None
    answers: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False)

    def name(self, description: str) -> tuple[str, ...]:
        """Return the kinds that a description (lower case) names."""
        return tuple(self.kinds[place].kind for place in self._find(description))

    def name_all(self, descriptions: Coded, commodity_codes: Coded) -> Coded:
        """Return the kinds that each description names, with blanks between; none is known too: no text.

        A description under a code of other goods names the kind no more.
        """
        answers = self.answers
        if len(answers) > _ANSWERS_KEPT:
            answers.clear()
        found: dict[int, tuple[int, ...]] = {}
        for number, text in enumerate(descriptions.words):
            named = answers.get(text)
            if named is None:
                named = answers[text] = self._find(text)
            if named:
                found[number] = named
        words: dict[str, int] = {"": 0}
        codes = np.zeros(len(descriptions), dtype=np.int32)
        if found:
            rows = np.flatnonzero(np.isin(descriptions.codes, [*found]))
            declared = commodity_codes.take(rows).texts()
            for row, number, code in zip(rows, descriptions.codes[rows].tolist(), declared, strict=True):
                kinds = " ".join(self._under(code or "", found[number]))
                codes[row] = words.setdefault(kinds, len(words))
        return Coded(tuple(words), codes)

    def _find(self, description: str) -> tuple[int, ...]:
        """Return the places of the kinds that a description names."""
        said = description.replace("-", " ").replace("/", " ").replace(",", " ").split()
        is_ascii = description.isascii()
        # Most descriptions end here.
        if is_ascii and self.triggers.isdisjoint(said):
            return ()
        asked = self._candidates(said)
        if not is_ascii and self.ideographs is not None and self.ideographs.search(description):
            asked = {*range(len(self.kinds))}
        if not asked:
            return ()
        parts = [*_parts_of(description)]
        named = (place for place in asked if any(_is_named(self.patterns[place], one) for one in parts))
        return tuple(sorted(named))

    def _candidates(self, said: Sequence[str]) -> set[int]:
        """Return the places of the kinds of which a phrase is said, as part of other words too."""
        found = self.triggers.intersection(said)
        if not found:
            return set()
        text = " ".join(said)
        return {
            place for word in found for phrase, place in self.phrases[word.strip(_AROUND)] if phrase in text
        }

    def _under(self, commodity_code: str, places: Iterable[int]) -> Iterator[str]:
        """Yield the kinds at some places that a commodity code does not say to be something else."""
        for place in places:
            one = self.kinds[place]
            if not commodity_code.startswith(tuple(one.other_codes)):
                yield one.kind


def _is_named(patterns: _Patterns, part: str) -> bool:
    """Say whether a part of a description (between blanks) names a kind."""
    words, wide, beside, unless = patterns
    if words is None or not words.search(part):
        if wide is None or not wide.search(part):
            return False
        if not (beside is not None and beside.search(part)) and not _says_only(part, wide):
            return False
    return unless is None or not unless.search(part)


def _says_only(part: str, pattern: re.Pattern[str]) -> bool:
    return all(word.isdigit() for word in pattern.sub(" ", part).split())


def _parts_of(description: str) -> Iterator[str]:
    """Yield what a description lists, with single blanks around each word: a drone with a case is two."""
    for part in _PARTS.split(description):
        words = _NOT_LETTERS.sub(" ", part).strip()
        if words:
            yield f" {words} "


def no_goods_kinds() -> GoodsKinds:
    """Return the table of which nothing is a kind."""
    return _build(())


def read_goods_kinds(files: Mapping[str, bytes]) -> GoodsKinds:
    """Read the table among the files of the laws; without one nothing is a kind.

    Raises SeraiError `goods-kinds-table`.
    """
    return _read(files.get(GOODS_KINDS, b"[]"))


@lru_cache(maxsize=4)
def _read(content: bytes) -> GoodsKinds:
    try:
        return _build(msgspec.yaml.decode(content, type=tuple[GoodsKind, ...]))
    except msgspec.MsgspecError as fault:
        raise SeraiError(
            "goods-kinds-table",
            f"{GOODS_KINDS} is not as it should be: {fault}.",
            "Correct the table; its first lines say what it may hold.",
        ) from fault


def _build(kinds: tuple[GoodsKind, ...]) -> GoodsKinds:
    phrases: dict[str, list[tuple[str, int]]] = {}
    written: list[str] = []
    for place, one in enumerate(kinds):
        for phrase in (*one.words, *one.wide):
            if phrase >= _FIRST_IDEOGRAPH:
                written.append(phrase)
                continue
            last = phrase.split()[-1]
            for form in (last, f"{last}s"):
                phrases.setdefault(form, []).append((phrase, place))
    return GoodsKinds(
        kinds,
        tuple(_Patterns(*map(_pattern, (one.words, one.wide, one.beside, one.unless))) for one in kinds),
        frozenset(
            f"{before}{one}{after}" for one in phrases for before in ("", "(") for after in ("", *_AROUND)
        ),
        {word: tuple(found) for word, found in phrases.items()},
        re.compile("|".join(map(re.escape, written))) if written else None,
    )


def _pattern(phrases: Sequence[str]) -> re.Pattern[str] | None:
    """Return what finds a phrase as words of its own, its last in the plural too; an ideograph anywhere."""
    words = [re.escape(one) for one in phrases if one < _FIRST_IDEOGRAPH]
    found = [re.escape(one) for one in phrases if one >= _FIRST_IDEOGRAPH]
    if words:
        found.insert(0, f" (?:{'|'.join(words)})s? ")
    return re.compile("|".join(found)) if found else None
