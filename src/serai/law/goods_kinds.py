"""Kinds of goods that a law may restrict, found in the words of descriptions: an ivory carving, a sword."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Final

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
_STOPS = ("", ",", ".", ";", ":", "!", ")")


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


@dataclass(frozen=True, slots=True)
class GoodsKinds:
    """The table, ready to look words up in.

    kinds: in the order of the table. triggers: what stands between two blanks of a description that may name
    a kind. ideographs: likewise, of scripts without blanks. answers: given before; the same descriptions come
    with every batch.
    """

    kinds: tuple[GoodsKind, ...]
    triggers: frozenset[str]
    ideographs: re.Pattern[str] | None
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    def name(self, description: str) -> tuple[str, ...]:
        """Return the kinds that a description (lower case) names."""
        # Most descriptions end here.
        words = description.replace("-", " ").replace("/", " ").split()
        if self.triggers.isdisjoint(words) and (
            description.isascii() or self.ideographs is None or not self.ideographs.search(description)
        ):
            return ()
        parts = [*_parts_of(description)]
        return tuple(one.kind for one in self.kinds if any(_is_named(one, part) for part in parts))

    def name_all(self, descriptions: Coded, commodity_codes: Coded) -> Coded:
        """Return the kinds that each description names, with blanks between; none is known too: no text.

        A description under a code of other goods names the kind no more.
        """
        answers = self.answers
        if len(answers) > _ANSWERS_KEPT:
            answers.clear()
        found: dict[int, tuple[str, ...]] = {}
        for number, text in enumerate(descriptions.words):
            named = answers.get(text)
            if named is None:
                named = answers[text] = self.name(text)
            if named:
                found[number] = named
        words: dict[str, int] = {"": 0}
        codes = np.zeros(len(descriptions), dtype=np.int32)
        if found:
            rows = np.flatnonzero(np.isin(descriptions.codes, [*found]))
            declared = commodity_codes.take(rows).texts()
            for row, number, code in zip(rows, descriptions.codes[rows].tolist(), declared, strict=True):
                kinds = " ".join(kind for kind in found[number] if not self._is_other(kind, code or ""))
                codes[row] = words.setdefault(kinds, len(words))
        return Coded(tuple(words), codes)

    def _is_other(self, kind: str, commodity_code: str) -> bool:
        one = next(one for one in self.kinds if one.kind == kind)
        return commodity_code.startswith(tuple(one.other_codes))


def _is_named(one: GoodsKind, part: str) -> bool:
    """Say whether a part of a description (between blanks) names a kind."""
    if _has_any(part, one.unless):
        return False
    if _has_any(part, one.words):
        return True
    return _has_any(part, one.wide) and (_has_any(part, one.beside) or _says_only(part, one.wide))


def _has_any(part: str, phrases: Iterable[str]) -> bool:
    return any(
        phrase in part if phrase >= _FIRST_IDEOGRAPH else f" {phrase} " in part or f" {phrase}s " in part
        for phrase in phrases
    )


def _says_only(part: str, words: Sequence[str]) -> bool:
    said = [word for word in part.split() if not word.isdigit()]
    return len(said) == 1 and said[0].removesuffix("s") in {word.removesuffix("s") for word in words}


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
    phrases = [phrase for one in kinds for phrase in (*one.words, *one.wide)]
    spoken = {phrase.split()[-1] for phrase in phrases if phrase < _FIRST_IDEOGRAPH}
    written = [phrase for phrase in phrases if phrase >= _FIRST_IDEOGRAPH]
    triggers = frozenset(
        f"{before}{word}{plural}{stop}"
        for word in spoken
        for before in ("", "(")
        for plural in ("", "s")
        for stop in _STOPS
    )
    ideographs = re.compile("|".join(map(re.escape, written))) if written else None
    return GoodsKinds(kinds, triggers, ideographs)
